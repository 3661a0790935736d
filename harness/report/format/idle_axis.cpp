
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "base/json.h"
#include "report/format/text.h"
#include "report/json_place.h"
#include "report/metric.h"
#include "stats/inference.h"

namespace poolbench::report {
namespace {

using base::Json;

constexpr double kSure = 0.95;
constexpr std::size_t kFewestBlocks = 6;
constexpr double kOneInAHundred = 0.01;

/// The cell's value on the axis; null if it does not have the axis.
const Json* value_on(const CellReport& cell, const std::string& axis) {
  if (!cell.factors.is_object()) return nullptr;
  const auto found = cell.factors.find(axis);
  return found == cell.factors.end() ? nullptr : &*found;
}

/// Whether the axis, by its short name, is a parameter of the target (or lies in one): then the
/// cell's settings hold its value there.
bool is_parameter(const CellReport& cell, const std::string& name) {
  std::string axis = name;
  for (const std::string prefix : {"target.params.", "params."}) {
    if (axis.starts_with(prefix)) axis.erase(0, prefix.size());
  }
  auto at = look_up<Json>(cell.config, {"target", "params"});
  for (std::size_t begin = 0; at && begin != std::string::npos;) {
    const std::size_t dot = axis.find('.', begin);
    at = look_up<Json>(*at, {axis.substr(begin, dot - begin)});
    begin = dot == std::string::npos ? dot : dot + 1;
  }
  const Json* value = value_on(cell, name);
  return at && value != nullptr && *at == *value;
}

/// The good trials' values of a metric, by block.
std::map<int, double> by_block(const CellReport& cell, const Metric& metric) {
  std::map<int, double> values;
  for (const Trial& trial : cell.trials) {
    if (trial.status != TrialStatus::kOk) continue;
    if (const auto value = metric_of(trial, metric)) values[trial.block] = *value;
  }
  return values;
}

/// What `change` makes of the two cells' values in each block that both have; nothing where they
/// are too few.
template <typename Change>
std::optional<stats::Location> change_of(const CellReport& a, const CellReport& b,
                                         std::string_view name, Change change) {
  const Metric& metric = built_in_metric(name);
  const auto first = by_block(a, metric), second = by_block(b, metric);
  std::vector<double> changes;
  for (const auto& [block, value] : first) {
    const auto other = second.find(block);
    if (other != second.end()) changes.push_back(change(value, other->second));
  }
  const auto finite = [](double x) { return std::isfinite(x); };
  if (changes.size() < kFewestBlocks || !std::ranges::all_of(changes, finite)) return std::nullopt;
  return stats::Location(changes);
}

bool may_be_zero(const stats::Location& location) {
  const auto interval = location.interval(kSure);
  return interval && interval->contains(0);
}

bool are_alike(const CellReport& a, const CellReport& b) {
  const auto sessions =
      change_of(a, b, "sessions_per_request", [](double x, double y) { return y - x; });
  const auto rate = change_of(a, b, "throughput_requests_per_second",
                              [](double x, double y) { return std::log(y / x); });
  if (!sessions || !rate || !may_be_zero(*rate)) return false;
  return may_be_zero(*sessions) || std::abs(sessions->estimate()) < kOneInAHundred;
}

/// Whether the two cells differ on the axis.
bool contrasts(const Report& report, const std::string& axis, const std::string& baseline,
               const std::string& candidate) {
  const auto* const from = find_cell(report, baseline);
  const auto* const to = find_cell(report, candidate);
  if (from == nullptr || to == nullptr) return false;
  const Json* left = value_on(*from, axis);
  const Json* right = value_on(*to, axis);
  return left != nullptr && right != nullptr && *left != *right;
}

/// Whether a hypothesis compares cells that differ on the axis, or singles out some of its values.
bool hypothesis_speaks_of(const Report& report, const Evidence& evidence, const std::string& axis,
                          std::size_t values) {
  for (const PairEvidence& pair : evidence.pairs) {
    if (contrasts(report, axis, pair.baseline, pair.candidate)) return true;
  }
  std::set<std::string> singled_out;
  for (const CellEvidence& claim : evidence.cells) {
    const auto* const cell = find_cell(report, claim.cell);
    const Json* value = cell == nullptr ? nullptr : value_on(*cell, axis);
    if (value != nullptr) singled_out.insert(value->dump());
  }
  return !singled_out.empty() && singled_out.size() < values;
}

bool is_spoken_of(const Report& report, const std::string& axis, std::size_t values) {
  const auto compares = [&](const ComparisonResult& comparison) {
    return contrasts(report, axis, comparison.baseline, comparison.candidate);
  };
  const auto claims = [&](const HypothesisResult& hypothesis) {
    return hypothesis_speaks_of(report, hypothesis.evidence, axis, values);
  };
  return std::ranges::any_of(report.comparisons, compares) ||
         std::ranges::any_of(report.hypotheses, claims);
}

/// Cells with the axis that agree on all others, by what they agree on.
using Groups = std::map<std::string, std::vector<const CellReport*>>;

Groups groups_of(const Report& report, const std::string& axis) {
  Groups groups;
  for (const CellReport& cell : report.cells) {
    if (value_on(cell, axis) == nullptr) continue;
    Json others = cell.factors;
    others.erase(axis);
    groups[base::json_dump(others)].push_back(&cell);
  }
  return groups;
}

bool is_idle(const Groups& groups) {
  bool any = false;
  for (const auto& [others, cells] : groups) {
    for (const CellReport* cell : cells) {
      if (cell == cells.front()) continue;
      if (!are_alike(*cells.front(), *cell)) return false;
      any = true;
    }
  }
  return any;
}

}  // namespace

std::vector<IdleAxis> idle_axes(const Report& report) {
  std::vector<IdleAxis> found;
  for (const CellReport& first : report.cells) {
    if (!first.factors.is_object()) continue;
    for (const auto& [name, value] : first.factors.items()) {
      const auto known = [&](const IdleAxis& axis) { return axis.name == name; };
      if (std::ranges::any_of(found, known)) continue;
      IdleAxis axis{name, {}};
      bool parameter = true;
      for (const CellReport& cell : report.cells) {
        const Json* own = value_on(cell, name);
        if (own == nullptr) continue;
        parameter = parameter && is_parameter(cell, name);
        if (std::ranges::find(axis.values, *own) == axis.values.end()) axis.values.push_back(*own);
      }
      if (parameter && !is_spoken_of(report, name, axis.values.size()) &&
          is_idle(groups_of(report, name))) {
        found.push_back(std::move(axis));
      }
    }
  }
  return found;
}

}  // namespace poolbench::report
