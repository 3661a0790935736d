#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "generator/options.h"
#include "generator/thread_stats.h"
#include "report/measurement.h"

namespace poolbench::generator {

/// What the figures of a generator mean. Latencies of two generators may be compared only as far as
/// these agree.
struct Tags {
  /// What becomes of requests that a stalled server keeps from being sent. "omitted": they are
  /// missing; "backfilled": the tool invents samples for them; "none": they are sent and their wait
  /// is part of their latency.
  std::string_view coordinated_omission = "omitted";
  bool includes_connect = false;  ///< connecting is part of the latency
  double resolution_us = 1;       ///< of latencies, as far as the tool's output tells them
  std::optional<std::uint64_t> sample_cap{};  ///< the tool keeps no more latencies than that
  bool errors_in_latency = false;             ///< failed requests are among the latencies
  std::string_view checks = "status";         ///< what of an answer: "status, body", "status", …
};

/// Of the native generator.
inline constexpr Tags kNativeTags{.includes_connect = true, .checks = "status, whole body"};

inline base::Json to_json(const Tags& tags) {
  return {{"coordinated_omission", tags.coordinated_omission},
          {"includes_connect", tags.includes_connect},
          {"resolution_us", tags.resolution_us},
          {"sample_cap", base::or_null(tags.sample_cap)},
          {"errors_in_latency", tags.errors_in_latency},
          {"checks", tags.checks}};
}

/// A generator that uses so much of the processors it has is the limit by itself; with half of that
/// it is the limit if the load was not what it should have been. Below, it had time to spare, and
/// what kept it from its work was the target or the machine.
inline constexpr double kBusyShare = 0.90, kHalfBusyShare = 0.50;
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

/// What a run saw, all threads together.
struct Totals {
  ThreadStats stats;
  Window window;
  std::vector<ThreadUse> uses;
  base::Duration cpu{};  ///< user + system of the process, within the window and its draining
  std::uint64_t peak_rss_bytes = 0;
  bool interrupted = false;
};

/// The measurement in the report's words.
report::Measurement summarise(const Totals& totals, const Options& options);

}  // namespace poolbench::generator
