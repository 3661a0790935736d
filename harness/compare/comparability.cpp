#include "compare/comparability.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/file.h"
#include "base/json.h"
#include "report/json_fields.h"
#include "report/report_fields.h"
#include "scenario/postgres_wheels.h"

namespace poolbench::compare {
namespace {

using base::Json;

/// Every plain value by its dotted path; empty objects and arrays too, as themselves.
using Facts = std::map<std::string, Json>;

void flatten(const Json& json, const std::string& path, Facts& facts) {
  if (!json.is_object() || json.empty()) {
    facts[path] = json;
    return;
  }
  for (const auto& [key, value] : json.items()) {
    flatten(value, path.empty() ? key : path + "." + key, facts);
  }
}

Facts flatten(const Json& json, const std::string& path) {
  Facts facts;
  flatten(json, path, facts);
  return facts;
}

std::string words(const Json& value) {
  if (value.is_null()) return "unknown";
  if (value.is_string()) return value.get<std::string>();
  return base::json_dump(value);
}

Json fact(const Facts& facts, const std::string& path) {
  const auto found = facts.find(path);
  return found == facts.end() ? Json() : found->second;
}

/// Without a limit a control group says "max", or is not there at all.
Json limit(const Json& value) {
  const bool none = value.is_null() ||
                    (value.is_string() && value.get_ref<const std::string&>().starts_with("max"));
  return none ? Json("no limit") : value;
}

/// "17" of "17.5 (Debian 17.5-1)".
Json major_version(const Json& version) {
  if (!version.is_string()) return version;
  const auto& text = version.get_ref<const std::string&>();
  return text.substr(0, text.find_first_not_of("0123456789"));
}

bool is_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && path.size() > prefix.size() && path[prefix.size()] == '.';
}

bool is_under(std::string_view path, std::string_view prefix) {
  return path == prefix || is_below(path, prefix);
}

constexpr std::string_view kInherited = "environment.target.inherited";
constexpr std::string_view kInheritedAlways = "environment.target.inherited_always";

/// A report that tells what the target inherited tells by that what it did not.
Json inherited(const Json& value, const Facts& facts, std::string_view list) {
  const auto first = facts.lower_bound(std::string(list));
  const bool tells = first != facts.end() && is_under(first->first, list);
  return value.is_null() && tells ? Json("not set") : value;
}

/// Calls visit(path, base, head) for each path that either side has and where they differ.
template <typename Visit>
void each_difference(const Facts& base, const Facts& head, Visit visit) {
  Facts all = base;
  all.insert(head.begin(), head.end());
  for (const auto& [path, value] : all) {
    Json left = fact(base, path), right = fact(head, path);
    if (path.starts_with("environment.cgroup.")) {
      left = limit(left);
      right = limit(right);
    }
    for (const std::string_view list : {kInherited, kInheritedAlways}) {
      if (!is_below(path, list)) continue;
      left = inherited(left, base, list);
      right = inherited(right, head, list);
    }
    if (left != right) visit(path, left, right);
  }
}

constexpr const char* kData = "environment.target.data_sha256";
constexpr const char* kDataInputs = "environment.target.data_inputs_sha256";

constexpr const char* kPostgresVersion = "environment.postgres.version";
constexpr const char* kPackaging = "environment.postgres.packaging";

constexpr std::array kMustMatch = {"environment.host.arch",
                                   "environment.host.cpu.model.name",
                                   "environment.host.cpu.logical_count",
                                   "environment.cgroup.cpu_max",
                                   "environment.cgroup.memory_max",
                                   "environment.postgres.source",
                                   kPackaging,
                                   "environment.target.name",
                                   kData,
                                   "environment.generator.name",
                                   "environment.generator.version",
                                   "scenario.name",
                                   "design.warmup_seconds",
                                   "design.measure_seconds"};

constexpr std::array kNotable = {"environment.host.name",
                                 "environment.host.memory_bytes",
                                 "environment.os.description",
                                 "environment.os.kernel_release",
                                 "environment.cpu_governor",
                                 "environment.virtualized",
                                 kPostgresVersion,
                                 "tool.version",
                                 "tool.build"};

/// Settings that say where a throw-away cluster lies, not how it works.
constexpr std::array kWhereabouts = {"port",
                                     "unix_socket_directories",
                                     "data_directory",
                                     "config_file",
                                     "hba_file",
                                     "ident_file",
                                     "external_pid_file",
                                     "log_directory",
                                     "cluster_name",
                                     "log_filename",
                                     "ssl_cert_file",
                                     "ssl_key_file"};

/// What a throw-away cluster writes about sessions: it costs a little, and is no other server.
constexpr std::array kSessionLog = {"log_connections", "log_disconnections", "log_line_prefix",
                                    "logging_collector"};

bool holds(const auto& list, std::string_view path) {
  return std::find(list.begin(), list.end(), path) != list.end();
}

constexpr std::string_view kServices = "environment.services";

/// What the services are is a condition: a difference of them is no change of the target.
bool is_binding_service(std::string_view path) {
  return is_below(path, kServices) && (path.find(".versions.") != std::string_view::npos ||
                                       path.find(".file_templates.") != std::string_view::npos);
}

Facts facts_of(const report::Report& report) {
  report::Environment environment = report.environment;
  if (environment.target) environment.target->data_sets.clear();  // when they were made
  for (report::TargetFacts& target : environment.targets) target.data_sets.clear();
  Facts facts = flatten(report::json_of(environment), "environment");
  facts.erase("environment.warnings");
  facts.erase(std::string(kServices));
  for (const report::ServiceFacts& service : environment.services) {
    facts.merge(flatten(report::json_of(service), fmt::format("{}.{}", kServices, service.name)));
  }
  facts["scenario.name"] = report.scenario.name;
  facts.merge(flatten(report::json_of(report.design), "design"));
  facts.merge(flatten(report::json_of(report.tool), "tool"));
  return facts;
}

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

/// All versions of these are built alike, so that a version is all that differs.
bool is_of_wheels(const Facts& facts) {
  return fact(facts, kPackaging) == scenario::kPostgresWheels;
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

constexpr std::string_view kPostgresSettings = "environment.postgres.settings.";

bool is_setting_among(const auto& names, std::string_view path) {
  return path.starts_with(kPostgresSettings) && holds(names, path.substr(kPostgresSettings.size()));
}

/// A setting that both sides must have, or leave at its default. What a scenario itself sets stands
/// in its cells, too.
bool is_binding_setting(std::string_view path) {
  return path.starts_with(kPostgresSettings) && !is_setting_among(kWhereabouts, path) &&
         !is_setting_among(kSessionLog, path);
}

void sort_out(const std::string& path, const Json& base, const Json& head, Conditions& conditions) {
  const Difference difference{path, words(base), words(head)};
  const bool one_unknown = base.is_null() || head.is_null();
  if (path.starts_with(kPostgresSettings)) {
    // A setting that one side does not list has its default there: a real difference.
    if (is_binding_setting(path)) conditions.blocking.push_back(difference);
    if (is_setting_among(kSessionLog, path)) conditions.notable.push_back(difference);
  } else if (path == kPostgresVersion && major_version(base) != major_version(head)) {
    conditions.blocking.push_back(difference);
  } else if (holds(kMustMatch, path) || is_below(path, kInherited) || is_binding_service(path)) {
    (one_unknown ? conditions.notable : conditions.blocking).push_back(difference);
  } else if (holds(kNotable, path) || is_below(path, kServices)) {
    conditions.notable.push_back(difference);
  } else if (is_under(path, kInherited) || is_under(path, kInheritedAlways)) {
    // An older report tells of neither.
    if (path != kInherited && path != kInheritedAlways && !one_unknown) {
      conditions.notable.push_back(difference);
    }
  } else if (path.starts_with("environment.target.")) {
    conditions.changed.push_back(difference);
  }
}

constexpr std::string_view kTarget = "environment.target";

/// Of a report with several targets the facts of each by its name, at the paths of the first one.
std::map<std::string, Facts> facts_by_target(const report::Report& report) {
  std::map<std::string, Facts> facts;
  for (report::TargetFacts target : report.environment.targets) {
    if (target.name.empty()) continue;
    target.cells.clear();
    target.data_sets.clear();
    facts[target.name] = flatten(report::json_of(target), std::string(kTarget));
  }
  return facts;
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
    const bool must_match = holds(kMustMatch, path) || is_binding_service(path);
    if (is_binding_setting(path) || was_inherited || must_match) binding[path] = value;
    if (path.starts_with("environment.cgroup.")) {
      binding.erase(path);
      if (const Json real = limit(value); real != limit(nullptr)) binding[path] = real;
    }
    if (path == kPostgresVersion) binding[path] = major_version(value);
  }
  if (is_data_unknown(binding)) binding[kData] = "unknown in " + report.report_id;
  for (const auto& [name, facts] : facts_by_target(report)) {
    for (const auto& [path, value] : facts) {
      const bool must_match = holds(kMustMatch, path) || is_below(path, kInherited);
      if (must_match && !value.is_null()) binding[name + "." + path] = value;
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
