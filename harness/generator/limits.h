#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "generator/options.h"
#include "generator/thread_stats.h"
#include "generator/worker.h"

namespace poolbench::generator {

/// A generator that uses so much of the processors it has is the limit by itself; with half of that
/// it is the limit if the load was not what it should have been. Below, it had time to spare, and
/// what kept it from its work was the target or the machine.
inline constexpr double kBusy = 0.90, kHalfBusy = 0.50;
/// Of the planned requests.
inline constexpr double kLeastOfRate = 0.99;

/// What tells whether the generator, not the server, set the pace. Shares are from 0 to 1.
struct LimitEvidence {
  // The largest of all threads, ÷ wall time:
  double busiest_thread = 0;     ///< processor time
  double run_delay_ratio = 0;    ///< waiting for a processor
  double least_idle_thread = 0;  ///< both
  /// What waiting for a processor could explain of the mean latency; unset without answers.
  std::optional<double> delay_share_of_latency;
  /// Requests in progress on average ÷ connections (Little's law); closed loop, and only when the
  /// window is so long that its ends do not matter.
  std::optional<double> little_ratio;
  std::optional<double> achieved_ratio;  ///< open loop: taken up within the window ÷ planned
};

LimitEvidence limit_evidence(const ThreadStats& stats, const Options& options,
                             base::Duration window, std::span<const ThreadUse> uses);

/// In words, one for each sign that the generator was the limit; empty if it was not.
std::vector<std::string> limit_reasons(const LimitEvidence& evidence);

/// That connections did nothing, and neither did the generator; empty if they did.
std::string idle_connections_text(const LimitEvidence& evidence);

}  // namespace poolbench::generator
