#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>

#include "generator/options.h"
#include "report/measurement.h"

namespace poolbench::generator {

/// After a window that ended by its time, and is not shared in turns, its last requests drain.
enum class Phase { kWarmUp, kMeasure, kDrain, kDone };
/// "warm-up", "measure", "drain" or "done".
std::string_view name_of(Phase phase);

/// How far a run is; counts are of this phase.
struct Progress {
  Phase phase = Phase::kWarmUp;
  base::Duration elapsed{};
  std::uint64_t ended = 0;
  std::uint64_t errors = 0;        ///< of the ended
  double rate_hz = 0;              ///< ended since the last look
  report::Quantiles latency_us{};  ///< of the window so far, a moment old; empty while warming up
};

/// Called on the thread that called run(); either may be empty.
struct Watcher {
  std::function<void(Phase)> on_phase;               ///< the moment each phase begins
  std::function<void(const Progress&)> on_progress;  ///< about five times a second
};

/// Offers the load and measures it. Bad answers and failing connections are part of the
/// measurement; it fails only if it cannot begin: kBadInput for impossible options, which too many
/// connections for the limit of file descriptors are, too (the soft one is raised); kFailed if the
/// system lacks descriptors. A request to stop ends it early, with what was measured until then.
base::Result<report::Measurement> run(const Options& options, const Watcher& watcher,
                                      std::stop_token stop);

}  // namespace poolbench::generator
