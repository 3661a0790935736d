#include <fmt/format.h>

#include <algorithm>

#include "base/time.h"
#include "report/look_up.h"
#include "report/pooled.h"
#include "report/report.h"
#include "report/too_slow.h"
#include "scenario/metric.h"
#include "stats/location.h"

namespace poolbench::report {
namespace {

constexpr double kConfidence = 0.95;
constexpr double kMostFailedRatio = 0.10;  // above it the cell itself counts as failed

std::optional<Summary> summary_of(const CellReport& cell, const std::string& metric) {
  std::vector<double> values;
  for (const Trial& trial : cell.trials) {
    if (const auto value = counted_metric_of(trial, metric)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  const stats::Location location(values);
  Summary summary{metric, location.n(), location.estimate(), {}, {}, kConfidence, {}, {}};
  if (const auto interval = location.interval(kConfidence)) {
    summary.ci_low = interval->low;
    summary.ci_high = interval->high;
  }
  return summary;
}

/// The summaries of a cell that is ok.
std::vector<Summary> summaries_of(const CellReport& cell) {
  std::vector<Summary> summaries;
  const bool old = follows_rules_before_12(cell);
  std::optional<std::optional<Quantiles>> all;  // merged at the first metric that needs them
  for (const std::string& metric : scenario::metric_names()) {
    const auto* const quantile = quantile_of_metric(metric);
    if (old && quantile != nullptr && quantile->since_minor > 0) continue;
    if (quantile != nullptr && !why_no_estimate(cell, *quantile).empty()) {
      if (!all) all = pooled_quantiles(cell);
      const Pooled pooled = pooled_instead(cell, *quantile, *all);
      const auto good = std::ranges::count(cell.trials, TrialStatus::kOk, &Trial::status);
      summaries.push_back({metric,
                           static_cast<int>(good),
                           {},
                           {},
                           {},
                           kConfidence,
                           pooled.value_us,
                           pooled.reason});
    } else if (auto summary = summary_of(cell, metric)) {
      summaries.push_back(std::move(*summary));
    }
  }
  return summaries;
}

/// What a trial of the cell is held to.
struct Demands {
  double tolerated_error_ratio = 0;
  std::optional<double> rate_hz;
  std::optional<base::Duration> slice;
  int schema_minor = kSchemaMinor;

  /// Before 1.2 a rate was held against the target whoever was the limit.
  [[nodiscard]] bool rate_is_missed(const Measurement& measured) const {
    if (!rate_hz) return false;
    return schema_minor < 2 ? is_below_rate(measured, *rate_hz)
                            : has_missed_rate(measured, *rate_hz);
  }
};

Demands demands_of(const CellReport& cell) {
  Demands demands;
  demands.tolerated_error_ratio =
      look_up<double>(cell.config, {"load", "tolerated_error_ratio"}).value_or(0);
  demands.rate_hz = look_up<double>(cell.config, {"load", "rate"});
  const auto slice = look_up<std::string>(cell.config, {"load", "slice"});
  if (const auto length = base::parse_duration(slice.value_or(""))) demands.slice = *length;
  return demands;
}

/// Errors are results, and so is slowness: a trial with more errors than the scenario tolerates, or
/// that was too slow for what was asked of it, counts as failed, even if it is merely `invalid`.
/// Leaving out the slow ones would show how fast the others were.
bool has_failed(const Trial& trial, const Demands& demands) {
  if (trial.status == TrialStatus::kFailed) return true;
  if (trial.status != TrialStatus::kInvalid || !trial.measurement) return false;
  const Measurement& measured = *trial.measurement;
  return static_cast<double>(measured.requests.failed()) >
             demands.tolerated_error_ratio * static_cast<double>(measured.requests.sent) ||
         demands.rate_is_missed(measured) ||
         (demands.slice && is_too_slow_for_turns(measured, *demands.slice));
}

/// It does not count, and the machine is not the reason.
bool is_invalid(const Trial& trial) {
  return trial.status == TrialStatus::kInvalid && !trial.disturbed;
}

/// The reasons of the first trial that tells why the cell failed: one that did itself, best one
/// that did not serve at all, else (before 1.2 always) one that does not count.
std::string first_reason(const CellReport& cell, const Demands& demands) {
  const Trial* first = nullptr;
  int best = 0;
  for (const Trial& trial : cell.trials) {
    const bool tells = demands.schema_minor >= 2 && has_failed(trial, demands);
    const int rank = trial.status == TrialStatus::kFailed ? 3 : tells ? 2 : 1;
    if (rank <= best || (rank == 1 && !is_invalid(trial))) continue;
    first = &trial;
    best = rank;
  }
  return first == nullptr ? "" : fmt::format("{}", fmt::join(first->reasons, "\n"));
}

}  // namespace

void summarise(CellReport& cell, int schema_minor) {
  Demands demands = demands_of(cell);
  demands.schema_minor = schema_minor;
  std::size_t ok = 0, failed = 0, invalid = 0;
  for (const Trial& trial : cell.trials) {
    ok += trial.status == TrialStatus::kOk ? 1 : 0;
    failed += has_failed(trial, demands) ? 1 : 0;
    invalid += is_invalid(trial) ? 1 : 0;
  }
  cell.summary.clear();
  cell.error.clear();
  const auto most_failed = kMostFailedRatio * static_cast<double>(ok + failed);
  // What the generator or the machine kept from counting is no failure of the cell.
  const bool without_result = schema_minor < 2 && ok == 0 && invalid > 0;
  if (static_cast<double>(failed) > most_failed || without_result) {
    cell.status = CellStatus::kFailed;
    cell.error = first_reason(cell, demands);
    return;
  }
  cell.status = ok > 0 ? CellStatus::kOk : CellStatus::kPlanned;
  cell.summary = summaries_of(cell);
}

}  // namespace poolbench::report
