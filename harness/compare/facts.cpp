#include "compare/facts.h"

#include <fmt/format.h>

#include "report/json_fields.h"
#include "report/report_fields.h"

namespace poolbench::compare {

using base::Json;

namespace {

void flatten(const Json& json, const std::string& path, Facts& facts) {
  if (!json.is_object() || json.empty()) {
    facts[path] = json;
    return;
  }
  for (const auto& [key, value] : json.items()) {
    flatten(value, path.empty() ? key : path + "." + key, facts);
  }
}

/// A report that tells what the target inherited tells by that what it did not.
Json inherited(const Json& value, const Facts& facts, std::string_view list) {
  const auto first = facts.lower_bound(std::string(list));
  const bool tells = first != facts.end() && is_under(first->first, list);
  return value.is_null() && tells ? Json("not set") : value;
}

}  // namespace

Facts flatten(const Json& json, const std::string& path) {
  Facts facts;
  flatten(json, path, facts);
  return facts;
}

Json fact(const Facts& facts, const std::string& path) {
  const auto found = facts.find(path);
  return found == facts.end() ? Json() : found->second;
}

std::string words(const Json& value) {
  if (value.is_null()) return "unknown";
  if (value.is_string()) return value.get<std::string>();
  return base::json_dump(value);
}

Json limit(const Json& value) {
  const bool none = value.is_null() ||
                    (value.is_string() && value.get_ref<const std::string&>().starts_with("max"));
  return none ? Json("no limit") : value;
}

bool is_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && path.size() > prefix.size() && path[prefix.size()] == '.';
}

bool is_under(std::string_view path, std::string_view prefix) {
  return path == prefix || is_below(path, prefix);
}

void each_difference(const Facts& base, const Facts& head, const VisitDifference& visit) {
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

}  // namespace poolbench::compare
