#include <fmt/format.h>

#include "report/look_up.h"
#include "report/report.h"
#include "scenario/metric.h"
#include "stats/location.h"

namespace poolbench::report {
namespace {

constexpr double kConfidence = 0.95;
constexpr double kMostFailedRatio = 0.10;  // above it the cell itself counts as failed

std::optional<Summary> summary_of(const CellReport& cell, const std::string& metric) {
  std::vector<double> values;
  for (const Trial& trial : cell.trials) {
    if (trial.status != "ok") continue;
    if (const auto value = metric_of(trial, metric)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  const stats::Location location(values);
  Summary summary{metric, location.n(), location.estimate(), {}, {}, kConfidence};
  if (const auto interval = location.interval(kConfidence)) {
    summary.ci_low = interval->low;
    summary.ci_high = interval->high;
  }
  return summary;
}

/// Errors are results: with more of them than the scenario tolerates the trial counts as failed,
/// even if it is merely `invalid` because most answers were good.
bool has_failed(const Trial& trial, double tolerated_error_ratio) {
  if (trial.status == "failed") return true;
  if (trial.status != "invalid" || !trial.measurement) return false;
  const auto& requests = trial.measurement->requests;
  return static_cast<double>(requests.failed()) >
         tolerated_error_ratio * static_cast<double>(requests.sent);
}

/// The reasons of the first trial that was not ok, the failed ones first.
std::string first_reason(const CellReport& cell) {
  for (const char* status : {"failed", "invalid"}) {
    for (const Trial& trial : cell.trials) {
      if (trial.status == status) return fmt::format("{}", fmt::join(trial.reasons, "\n"));
    }
  }
  return {};
}

}  // namespace

void summarise(CellReport& cell) {
  const double tolerated =
      look_up<double>(cell.config, {"load", "tolerated_error_ratio"}).value_or(0);
  std::size_t ok = 0, failed = 0, invalid = 0;
  for (const Trial& trial : cell.trials) {
    ok += trial.status == "ok" ? 1 : 0;
    failed += has_failed(trial, tolerated) ? 1 : 0;
    invalid += trial.status == "invalid" ? 1 : 0;
  }
  cell.summary.clear();
  cell.error.clear();
  const auto most_failed = kMostFailedRatio * static_cast<double>(ok + failed);
  if (static_cast<double>(failed) > most_failed || (ok == 0 && invalid > 0)) {
    cell.status = "failed";
    cell.error = first_reason(cell);
    return;
  }
  cell.status = ok > 0 ? "ok" : "planned";
  for (const std::string& metric : scenario::metric_names()) {
    if (auto summary = summary_of(cell, metric)) cell.summary.push_back(std::move(*summary));
  }
}

}  // namespace poolbench::report
