#include "run/precision.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace poolbench::run {
namespace {

using Bounds = std::pair<std::optional<double>, std::optional<double>>;

std::vector<Bounds> primary_intervals(const report::Report& report) {
  std::vector<Bounds> intervals;
  for (const report::ComparisonResult& comparison : report.comparisons) {
    if (comparison.n > 0) intervals.emplace_back(comparison.ci_low, comparison.ci_high);
  }
  if (!report.comparisons.empty()) return intervals;
  for (const report::CellReport& cell : report.cells) {
    for (const report::Summary& summary : cell.summary) {
      if (summary.metric != "throughput_requests_per_second") continue;
      intervals.emplace_back(summary.ci_low, summary.ci_high);
    }
  }
  return intervals;
}

}  // namespace

std::optional<double> widest_half_width(const report::Report& report) {
  std::optional<double> widest;
  for (const auto& [low, high] : primary_intervals(report)) {
    if (!low || !high || *low <= 0) return std::nullopt;
    widest = std::max(widest.value_or(0), std::sqrt(*high / *low) - 1);
  }
  return widest;
}

}  // namespace poolbench::run
