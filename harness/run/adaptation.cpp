#include "run/adaptation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "stats/series.h"

namespace poolbench::run {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr base::Duration kLeast = 500ms;
constexpr base::Duration kUnknown = 2s;
constexpr base::Duration kStep = 100ms;

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

void Pilots::add(const scenario::Cell& cell, const report::Trial& trial) {
  report::Pilot pilot{cell.id, trial.started_at, trial.status, trial.reasons, trial.folder, {}, {}};
  if (trial.measurement) {
    const auto& series = trial.measurement->series_requests;
    const base::Duration interval =
        std::chrono::milliseconds(trial.measurement->series_interval_ms);
    pilot.series = {trial.measurement->series_interval_ms, series};
    const auto transient = stats::mser5(std::vector<double>(series.begin(), series.end()));
    if (transient) {
      const base::Duration steady_after = static_cast<std::int64_t>(*transient) * interval;
      pilot.steady_after_seconds = base::to_seconds(steady_after);
      longest_ = std::max(longest_.value_or(base::Duration{}), steady_after);
      const std::size_t half = series.size() / stats::kMserBatch / 2 * stats::kMserBatch;
      if (*transient == half) never_steady_.push_back(cell.id);
    }
  }
  list_.push_back(std::move(pilot));
}

base::Duration Pilots::warmup() const {
  if (!longest_) return kUnknown;
  const base::Duration exact = std::max(kLeast, *longest_ * 5 / 4);
  return (exact + kStep - base::Duration(1)) / kStep * kStep;
}

void Attempts::ended(const std::vector<TrialSpec>& trials, const report::Disturbance& worst) {
  const int attempt = trials.front().attempt;
  if (attempt == 0) {
    standing_ = worst;
    stays_ = 0;
  } else if (worst < standing_) {
    supersede(trials, stays_);
    standing_ = worst;
    stays_ = attempt;
  } else {
    supersede(trials, attempt);
  }
}

/// Errors stay what they are: a result, whatever became of the other trials of a block.
void Attempts::supersede(const std::vector<TrialSpec>& trials, int attempt) {
  for (const TrialSpec& spec : trials) {
    report::CellReport& cell = cells_[spec.cell_index];
    for (report::Trial& trial : cell.trials) {
      if (trial.block != spec.block || trial.attempt != attempt) continue;
      if (trial.status != report::TrialStatus::kOk && !trial.disturbed) continue;
      trial.status = report::TrialStatus::kSuperseded;
      if (!trial.disturbed)
        trial.reasons.emplace_back("the machine disturbed another of its block");
    }
    report::summarise(cell, declared_);
  }
}

std::optional<double> widest_half_width(const report::Report& report) {
  std::optional<double> widest;
  for (const auto& [low, high] : primary_intervals(report)) {
    if (!low || !high || *low <= 0) return std::nullopt;
    widest = std::max(widest.value_or(0), std::sqrt(*high / *low) - 1);
  }
  return widest;
}

}  // namespace poolbench::run
