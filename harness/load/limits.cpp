#include "load/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace poolbench::load {
namespace {

constexpr double kBusy = 0.90;
constexpr double kNeverIdle = 0.95;
constexpr double kRunDelay = 0.05;
constexpr double kLittle = 0.95;
constexpr double kAchieved = 0.99;
constexpr double kLatenessUs = 1000;
// Requests a connection from which on the window's ends matter less than 1 %.
constexpr std::uint64_t kEnoughRounds = 100;

double ratio(base::Duration part, base::Duration whole) {
  return whole <= base::Duration::zero() ? 0 : base::to_seconds(part) / base::to_seconds(whole);
}

}  // namespace

LimitEvidence limit_evidence(const Tally& tally, const Options& options, base::Duration window,
                             std::span<const ThreadUse> uses) {
  LimitEvidence evidence;
  base::Duration all_delays{};
  for (const ThreadUse& use : uses) {
    all_delays += use.run_delay;
    evidence.least_idle_thread =
        std::max(evidence.least_idle_thread, ratio(use.cpu + use.run_delay, use.wall));
    evidence.busiest_thread = std::max(evidence.busiest_thread, ratio(use.cpu, use.wall));
    evidence.run_delay_ratio = std::max(evidence.run_delay_ratio, ratio(use.run_delay, use.wall));
  }
  evidence.delay_share_of_latency = ratio(all_delays, tally.in_progress);
  const auto connections = static_cast<std::uint64_t>(options.connections);
  if (options.rate_hz > 0) {
    const double planned = static_cast<double>(tally.sent() + tally.dropped);
    if (planned > 0) {
      evidence.achieved_ratio = static_cast<double>(tally.sent()) / planned;
    }
    if (tally.lateness_us.count() > 0) {
      evidence.lateness_p99_us = static_cast<double>(tally.lateness_us.value_at_quantile(0.99));
    }
  } else if (tally.sent() >= kEnoughRounds * connections) {
    evidence.little_ratio = ratio(tally.in_progress / options.connections, window);
  }
  return evidence;
}

std::vector<std::string> limit_reasons(const LimitEvidence& evidence) {
  std::vector<std::string> reasons;
  const auto add_if = [&](bool condition, std::string text) {
    if (condition) reasons.push_back(std::move(text));
  };
  add_if(evidence.busiest_thread >= kBusy,
         fmt::format("a thread of the generator was {:.0f} % busy", 100 * evidence.busiest_thread));
  add_if(
      evidence.busiest_thread < kBusy && evidence.least_idle_thread >= kNeverIdle,
      fmt::format("a thread of the generator was never idle: {:.0f} % busy, and {:.0f} % waiting "
                  "for a processor",
                  100 * evidence.busiest_thread, 100 * evidence.run_delay_ratio));
  // On a busy host it always waits a little. That matters when it is a part of what is measured.
  add_if(evidence.run_delay_ratio > kRunDelay && evidence.delay_share_of_latency > kRunDelay,
         fmt::format("the generator waited for a processor {:.1f} % of the time, {:.1f} % of the "
                     "latency",
                     100 * evidence.run_delay_ratio, 100 * evidence.delay_share_of_latency));
  add_if(evidence.little_ratio.value_or(1) < kLittle,
         fmt::format("only {:.1f} % of the connections had a request in progress on average",
                     100 * evidence.little_ratio.value_or(1)));
  add_if(evidence.achieved_ratio.value_or(1) < kAchieved,
         fmt::format("only {:.1f} % of the planned requests were sent",
                     100 * evidence.achieved_ratio.value_or(1)));
  add_if(evidence.lateness_p99_us.value_or(0) > kLatenessUs,
         fmt::format("the p99 of the pacing's lateness was {:.1f} ms",
                     evidence.lateness_p99_us.value_or(0) / 1000));
  return reasons;
}

}  // namespace poolbench::load
