#include "run/pilots.h"

#include <algorithm>

#include "stats/steady_state.h"

namespace poolbench::run {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr base::Duration kLength = 10s;
constexpr base::Duration kLeast = 500ms;
constexpr base::Duration kUnknown = 2s;
constexpr base::Duration kStep = 100ms;

}  // namespace

scenario::Cell pilot_of(const scenario::Cell& cell) {
  scenario::Cell pilot = cell;
  pilot.load.generator = "native";
  pilot.load.warmup = {};
  pilot.load.measure = kLength;
  pilot.load.requests.reset();
  pilot.load.slice.reset();
  return pilot;
}

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

}  // namespace poolbench::run
