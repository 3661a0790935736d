#include "compare/comparability.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "compare/facts.h"
#include "compare/guards.h"

namespace poolbench::compare {
namespace {

using base::Json;

/// Reports before 1.2 hash the inputs of the data alone; with one of those the commands that read
/// them are left out of the comparison. Of two newer ones the hash of the whole says it all.
void hash_data_alike(Facts& base, Facts& head) {
  const bool both = base.contains(kDataInputs) && head.contains(kDataInputs);
  for (Facts* facts : {&base, &head}) {
    const auto inputs = facts->find(kDataInputs);
    if (inputs == facts->end() || !facts->contains(kData)) continue;
    if (!both) (*facts)[kData] = inputs->second;
    facts->erase(inputs);
  }
}

/// A report that says that it does not know its data.
bool is_data_unknown(const Facts& facts) {
  const auto data = facts.find(kData);
  return data != facts.end() && data->second.is_null();
}

/// Takes the data out of the facts when they are not known: unknown data match no other.
void compare_data(Facts& base, Facts& head, Conditions& conditions) {
  hash_data_alike(base, head);
  if (!is_data_unknown(base) && !is_data_unknown(head)) return;
  conditions.blocking.push_back({kData, words(fact(base, kData)), words(fact(head, kData))});
  base.erase(kData);
  head.erase(kData);
}

/// Gives what must match between runs, and may differ between the sides of one, other names.
void put_under_test(Facts& facts) {
  Facts renamed;
  for (const auto& [path, value] : facts) {
    if (path == kDataInputs) continue;
    if (path == kData) {
      if (!value.is_null()) renamed["environment.target.data"] = value;
    } else if (is_below(path, kServices)) {
      renamed[std::string("environment.target.services") + path.substr(kServices.size())] = value;
    } else if (is_under(path, kInherited)) {
      if (path == kInherited) continue;  // it holds nothing
      renamed["environment.target.named_by_inherit" + path.substr(kInherited.size())] = value;
    } else {
      renamed[path] = value;
    }
  }
  facts = std::move(renamed);
}

void sort_out(const std::string& path, const Json& base, const Json& head, Conditions& conditions) {
  const Weight weight = weight_of(path, base, head);
  if (weight == Weight::kNone) return;
  auto& list = weight == Weight::kBlocking  ? conditions.blocking
               : weight == Weight::kNotable ? conditions.notable
                                            : conditions.changed;
  list.push_back({path, words(base), words(head)});
}

/// The first target is compared with the rest of the environment; these are the others.
void compare_further_targets(const report::Report& base, const report::Report& head,
                             Conditions& conditions) {
  const std::string first = base.environment.target ? base.environment.target->name : "";
  auto of_head = facts_by_target(head);
  for (auto [name, of_base] : facts_by_target(base)) {
    const auto other = of_head.find(name);
    if (other == of_head.end() || name == first) continue;
    const std::string place = "environment.targets[" + name + "]";
    Conditions found;
    compare_data(of_base, other->second, found);
    each_difference(of_base, other->second,
                    [&](const std::string& path, const Json& left, const Json& right) {
                      sort_out(path, left, right, found);
                    });
    for (const auto list : {&Conditions::blocking, &Conditions::notable, &Conditions::changed}) {
      for (Difference& difference : found.*list) {
        difference.field.replace(0, kTarget.size(), place);
        (conditions.*list).push_back(std::move(difference));
      }
    }
  }
}

const report::Measurement* first_measurement(const report::CellReport& cell) {
  for (const report::Trial& trial : cell.trials) {
    if (trial.measurement) return &*trial.measurement;
  }
  return nullptr;
}

/// What must match of a cell: its settings, and what its trials really had.
void add_settings(const report::CellReport& cell, const std::string& name, Facts& facts) {
  facts.merge(flatten(cell.config, name));
  facts.erase(name + ".postgres.bin_folder");
  if (const auto* const measurement = first_measurement(cell)) {
    facts[name + ".generator"] = measurement->generator;
    facts[name + ".generator version"] = measurement->generator_version;
    facts[name + ".loop"] = measurement->loop;
  }
}

/// Every fact of a report that must match, in the form in which it is compared.
Facts binding_facts(const report::Report& report) {
  Facts binding;
  for (const auto& [path, value] : facts_of(report)) {
    const bool was_inherited = is_below(path, kInherited) && !value.is_null();
    if (is_binding_setting(path) || was_inherited || must_match(path)) binding[path] = value;
    if (path.starts_with("environment.cgroup.")) {
      binding.erase(path);
      if (const Json real = limit(value); real != limit(nullptr)) binding[path] = real;
    }
    if (path == kPostgresVersion) binding[path] = major_version(value);
  }
  if (is_data_unknown(binding)) binding[kData] = "unknown in " + report.report_id;
  for (const auto& [name, facts] : facts_by_target(report)) {
    for (const auto& [path, value] : facts) {
      const bool is_binding = must_match(path) || is_below(path, kInherited);
      if (is_binding && !value.is_null()) binding[name + "." + path] = value;
    }
    if (is_data_unknown(facts)) binding[name + "." + kData] = "unknown in " + report.report_id;
  }
  return binding;
}

}  // namespace

Conditions compare_conditions(const report::Report& base, const report::Report& head,
                              bool same_run) {
  Conditions conditions;
  Facts left_facts = facts_of(base), right_facts = facts_of(head);
  if (same_run) {
    for (Facts* facts : {&left_facts, &right_facts}) put_under_test(*facts);
  }
  compare_data(left_facts, right_facts, conditions);
  const bool one_recipe = is_of_wheels(left_facts) && is_of_wheels(right_facts);
  each_difference(left_facts, right_facts,
                  [&](const std::string& path, const Json& left, const Json& right) {
                    if (one_recipe && path == kPostgresVersion) {
                      conditions.changed.push_back({path, words(left), words(right)});
                    } else {
                      sort_out(path, left, right, conditions);
                    }
                  });
  compare_further_targets(base, head, conditions);
  return conditions;
}

std::vector<Difference> compare_settings(const report::CellReport& base,
                                         const report::CellReport& head,
                                         const std::vector<std::string>& factors) {
  std::vector<Difference> differences;
  const auto under_test = [&](const std::string& path) {
    return path == "postgres.bin_folder" || path == "postgres.version" ||
           std::any_of(factors.begin(), factors.end(),
                       [&](const std::string& factor) { return is_under(path, factor); });
  };
  each_difference(flatten(base.config, ""), flatten(head.config, ""),
                  [&](const std::string& path, const Json& left, const Json& right) {
                    if (under_test(path)) return;
                    differences.push_back({path, words(left), words(right)});
                  });
  const auto* const from = first_measurement(base);
  const auto* const to = first_measurement(head);
  if (from == nullptr || to == nullptr) return differences;
  const auto compare = [&](const char* field, const std::string& left, const std::string& right) {
    if (left != right) differences.push_back({field, left, right});
  };
  compare("generator", from->generator, to->generator);
  compare("generator version", from->generator_version, to->generator_version);
  compare("loop", from->loop, to->loop);
  return differences;
}

base::Result<void> check_factors(const report::Report& base, const report::Report& head,
                                 const std::vector<std::string>& factors) {
  if (factors.empty()) return {};
  std::set<std::string> known;
  for (const report::Report* report : {&base, &head}) {
    for (const report::CellReport& cell : report->cells) {
      for (const auto& [path, value] : flatten(cell.config, "")) known.insert(path);
    }
  }
  for (const std::string& factor : factors) {
    const auto has_it = [&](const std::string& path) { return is_under(path, factor); };
    if (std::ranges::any_of(known, has_it)) continue;
    const std::vector<std::string> paths(known.begin(), known.end());
    const std::string near = base::nearest_name(factor, paths);
    return base::bad_input(
        fmt::format("no cell has a setting {}", factor), "--factor",
        near.empty() ? "name a path as in a cell's config: target.params.pool, load.connections"
                     : fmt::format("did you mean {}?", near));
  }
  return {};
}

std::string conditions_key(const report::Report& report, const report::CellReport& cell,
                           const report::CellReport* anchor) {
  Facts facts = binding_facts(report);
  add_settings(cell, "cell", facts);
  if (anchor != nullptr) add_settings(*anchor, "anchor", facts);
  std::string text;
  for (const auto& [path, value] : facts) text += path + "=" + words(value) + "\n";
  constexpr std::size_t kEnoughDigits = 16;
  return base::sha256_hex(text).substr(0, kEnoughDigits);
}

}  // namespace poolbench::compare
