#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "report/report.h"

// What a report says of the conditions of its run, fact by fact.

namespace poolbench::compare {

/// Every plain value by its dotted path; empty objects and arrays too, as themselves.
using Facts = std::map<std::string, base::Json>;

/// Where facts of a target, and of services, stand.
inline constexpr std::string_view kTarget = "environment.target";
inline constexpr std::string_view kServices = "environment.services";
/// The hashes of variables that a target named, and of those that every program gets.
inline constexpr std::string_view kInherited = "environment.target.inherited";
inline constexpr std::string_view kInheritedAlways = "environment.target.inherited_always";

/// The values below `path`.
Facts flatten(const base::Json& json, const std::string& path);
/// Null where there is none.
base::Json fact(const Facts& facts, const std::string& path);
/// The value in words; "unknown" for null.
std::string words(const base::Json& value);
/// Without a limit a control group says "max", or is not there at all: "no limit".
base::Json limit(const base::Json& value);

/// "a.b" and "a.b.c" are below "a"; "a" itself is under it, too.
bool is_below(std::string_view path, std::string_view prefix);
bool is_under(std::string_view path, std::string_view prefix);

using VisitDifference =
    std::function<void(const std::string& path, const base::Json& base, const base::Json& head)>;
/// Visits each path that either side has and where they differ.
void each_difference(const Facts& base, const Facts& head, const VisitDifference& visit);

/// Of the environment, the design and the tool.
Facts facts_of(const report::Report& report);

/// Of a report with several targets the facts of each by its name, at the paths of the first one.
std::map<std::string, Facts> facts_by_target(const report::Report& report);

}  // namespace poolbench::compare
