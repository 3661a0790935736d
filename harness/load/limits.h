#pragma once

#include <span>
#include <string>
#include <vector>

#include "load/options.h"
#include "load/tally.h"
#include "load/worker.h"

namespace poolbench::load {

/// What tells whether the generator, not the server, set the pace.
struct LimitEvidence {
  // The largest of all threads, ÷ wall time:
  double busiest_thread = 0;          ///< processor time
  double run_delay_ratio = 0;         ///< waiting for a processor
  double least_idle_thread = 0;       ///< both
  double delay_share_of_latency = 0;  ///< waiting for a processor per request ÷ mean latency
  /// Requests in progress on average ÷ connections (Little's law); closed loop, and only when the
  /// window is so long that its ends do not matter.
  std::optional<double> little_ratio;
  std::optional<double> achieved_ratio;   ///< open loop: sent ÷ planned
  std::optional<double> lateness_p99_us;  ///< open loop
};

LimitEvidence limit_evidence(const Tally& tally, const Options& options, base::Duration window,
                             std::span<const ThreadUse> uses);

/// In words, one for each sign that the generator was the limit; empty if it was not.
std::vector<std::string> limit_reasons(const LimitEvidence& evidence);

}  // namespace poolbench::load
