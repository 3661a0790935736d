#include "scenario/target/rule_check.h"

#include <fmt/format.h>

#include "scenario/target/target_params.h"

namespace poolbench::scenario {
namespace {

/// Where the rule's parameters were set. Of several, the one written last: axes and variants come
/// after the [target] they vary, and the command line after all.
Place place_of(const RuleSpec& rule, const Setting& tree) {
  const Setting* target = tree.find("target");
  if (target == nullptr) return tree.place;
  const Setting* use = target->find("use");
  Place place = use == nullptr ? target->place : use->place;
  const Setting* params = target->find("params");
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

}  // namespace

void RuleCheck::check(const Cell& cell, const Setting& tree) {
  if (cell.target.spec == nullptr) return;
  for (const RuleSpec& rule : cell.target.spec->rules) {
    if (!is_broken(rule, cell.target.params)) continue;
    const Place place = place_of(rule, tree);
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
