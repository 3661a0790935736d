#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "scenario/target/target_params.h"

namespace poolbench::scenario {
namespace {

/// Where the rule's parameters were set. Of several, the one written last: axes and variants come
/// after the table that they vary, and the command line after all.
Place place_of(const RuleSpec& rule, const Setting* table, const Place& fallback) {
  if (table == nullptr) return fallback;
  const Setting* use = table->find("use");
  Place place = use == nullptr ? table->place : use->place;
  const Setting* params = table->find("params");
  if (params == nullptr) return place;
  bool found = false;
  for (const RuleSpec::Condition& condition : rule.when) {
    const Setting* param = params->find(condition.parameter);
    if (param == nullptr) continue;
    const bool later =
        param->place.source->command_line ||
        std::pair(param->place.line, param->place.column) >= std::pair(place.line, place.column);
    if (!found || later) place = param->place;
    found = true;
    if (place.source->command_line) return place;
  }
  return place;
}

std::optional<RuleSpec::Condition> read_condition(
    const Setting::Member& member, const std::string& path,
    const std::map<std::string, ParameterSpec>& params, const char* kind, Mistakes& mistakes) {
  if (!params.contains(member.key)) {
    mistakes.add(member.key_place, fmt::format("{}: the {} has no such parameter", path, kind),
                 suggestion(member.key, names_of(params)));
    return std::nullopt;
  }
  RuleSpec::Condition condition{member.key, to_json(member.value), false};
  if (member.value.members.size() == 1 && member.value.members.front().key == "not") {
    condition.negated = true;
    condition.value = to_json(member.value.members.front().value);
  }
  return condition;
}

}  // namespace

std::vector<RuleSpec::Condition> read_conditions(TableReader& reader, const char* key,
                                                 const std::map<std::string, ParameterSpec>& params,
                                                 const char* kind) {
  std::vector<RuleSpec::Condition> conditions;
  const Setting* const when = reader.table(key);
  if (when == nullptr) return conditions;
  const std::string path = reader.path(key);
  for (const Setting::Member& member : when->members) {
    auto condition =
        read_condition(member, path_below(path, member.key), params, kind, reader.mistakes());
    if (condition) conditions.push_back(*std::move(condition));
  }
  return conditions;
}

bool all_hold(const std::vector<RuleSpec::Condition>& conditions,
              const std::map<std::string, base::Json>& params) {
  return std::ranges::all_of(conditions, [&](const RuleSpec::Condition& condition) {
    const auto found = params.find(condition.parameter);
    return found != params.end() && same_value(found->second, condition.value) != condition.negated;
  });
}

std::vector<RuleSpec> read_rules(TableReader& top,
                                 const std::map<std::string, ParameterSpec>& params,
                                 const char* kind) {
  std::vector<RuleSpec> rules;
  for (const Setting* table : top.tables("rule")) {
    TableReader reader(table, "rule", table->place, top.mistakes());
    RuleSpec rule;
    const Setting* when = reader.table("when");
    if (!reader.has("when") || (when != nullptr && when->members.empty())) {
      reader.refuse_missing("when", "name the parameters and values that do not go together");
    }
    rule.when = read_conditions(reader, "when", params, kind);
    rule.message = reader.required_text("message");
    rule.next = reader.text("next").value_or("");
    reader.refuse_unknown();
    rules.push_back(std::move(rule));
  }
  return rules;
}

void RuleCheck::check(const Cell& cell, const Setting& tree) {
  if (cell.target.spec != nullptr) {
    check(*cell.target.spec, cell.target.params, tree.find("target"), cell, tree.place);
  }
  const Setting* const services = tree.find("service");
  for (const ServiceUse& service : cell.services.all()) {
    if (service.spec == nullptr) continue;
    const Setting* const table = services == nullptr ? nullptr : services->find(service.name);
    check(*service.spec, service.params, table, cell, service.named_at);
  }
}

void RuleCheck::check(const ProgramSpec& program, const std::map<std::string, base::Json>& params,
                      const Setting* table, const Cell& cell, const Place& fallback) {
  for (const RuleSpec& rule : program.rules) {
    if (!all_hold(rule.when, params)) continue;
    const Place place = place_of(rule, table, fallback);
    Broken& broken = broken_[{&rule, place.source.get(), place.line, place.column}];
    if (broken.cells++ == 0) {
      broken.rule = &rule;
      broken.place = place;
      broken.first_cell = cell.id;
    }
  }
}

void RuleCheck::report(Mistakes& mistakes) const {
  for (const auto& [key, broken] : broken_) {
    const std::string others =
        broken.cells > 1 ? fmt::format(" and {} more", broken.cells - 1) : std::string();
    mistakes.add(broken.place,
                 fmt::format("{} (cell {}{})", broken.rule->message, broken.first_cell, others),
                 broken.rule->next);
  }
}

}  // namespace poolbench::scenario
