#include "report/metric.h"
#include "report/pooled.h"
#include "report/validity.h"
#include "stats/location.h"

namespace poolbench::report {
namespace {

std::optional<Summary> summary_of(const CellReport& cell, const Metric& metric) {
  std::vector<double> values;
  for (const Trial& trial : cell.trials) {
    if (const auto value = counted_metric_of(trial, metric.name)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  const stats::Location location(values);
  Summary summary;
  summary.metric = metric.name;
  summary.n = location.n();
  summary.median = location.estimate();
  if (const auto interval = location.interval(summary.confidence)) {
    summary.ci_low = interval->low;
    summary.ci_high = interval->high;
  }
  return summary;
}

/// The summaries of a cell that has not failed.
std::vector<Summary> summaries_of(const CellReport& cell) {
  std::vector<Summary> summaries;
  std::optional<std::optional<Quantiles>> all;  // merged at the first metric that needs them
  for (const Metric& metric : metrics()) {
    if (cell.schema_minor < metric.since_minor) continue;
    const auto* const quantile = quantile_of_metric(metric.name);
    if (quantile != nullptr && !why_no_estimate(cell, *quantile).empty()) {
      if (!all) all = pooled_quantiles(cell);
      const Pooled pooled = pooled_instead(cell, *quantile, *all);
      Summary& summary = summaries.emplace_back();
      summary.metric = metric.name;
      summary.n = static_cast<int>(count_good(cell));
      summary.pooled = pooled.value_us;
      summary.reason = pooled.reason;
    } else if (auto summary = summary_of(cell, metric)) {
      summaries.push_back(std::move(*summary));
    }
  }
  return summaries;
}

bool is_load(const std::string& phase) {
  return phase == "warm-up" || phase == "measure" || phase == "drain";
}

bool is_targets(const std::string& part) {
  return part == "boot" || part == "workers" || part == "target";
}

}  // namespace

void summarise(CellReport& cell) {
  judge(cell);
  cell.summary.clear();
  if (cell.status != CellStatus::kFailed) cell.summary = summaries_of(cell);
}

double overhead_seconds(const std::vector<Phase>& phases) {
  double own = 0;
  for (const Phase& phase : phases) {
    if (is_load(phase.name)) continue;
    own += phase.seconds;
    for (const auto& [part, seconds] : phase.parts) {
      if (is_targets(part)) own -= seconds;
    }
  }
  return own;
}

}  // namespace poolbench::report
