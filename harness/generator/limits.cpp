#include "generator/limits.h"

#include <fmt/format.h>

#include <algorithm>

namespace poolbench::generator {
namespace {

constexpr double kNeverIdle = 0.95;
constexpr double kLittle = 0.95;
// Requests a connection from which on the window's ends matter less than 1 %.
constexpr std::uint64_t kEnoughRounds = 100;

// The clocks of a thread and of the wall are read one after the other.
double share(base::Duration part, base::Duration whole) {
  if (whole <= base::Duration::zero()) return 0;
  return std::clamp(base::to_seconds(part) / base::to_seconds(whole), 0.0, 1.0);
}

// A thread that was never idle kept all of its requests waiting while it waited itself.
std::optional<double> delay_share(const ThreadStats& stats, const LimitEvidence& evidence) {
  if (stats.response_us.count() == 0 || stats.run_delay_us.count() == 0) return std::nullopt;
  const double of_each = std::min(1.0, stats.run_delay_us.mean() / stats.response_us.mean());
  if (evidence.least_idle_thread < kNeverIdle) return of_each;
  return std::max(of_each, evidence.run_delay_ratio);
}

}  // namespace

LimitEvidence limit_evidence(const ThreadStats& stats, const Options& options,
                             base::Duration window, std::span<const ThreadUse> uses) {
  LimitEvidence evidence;
  for (const ThreadUse& use : uses) {
    evidence.least_idle_thread =
        std::max(evidence.least_idle_thread, share(use.cpu + use.run_delay, use.wall));
    evidence.busiest_thread = std::max(evidence.busiest_thread, share(use.cpu, use.wall));
    evidence.run_delay_ratio = std::max(evidence.run_delay_ratio, share(use.run_delay, use.wall));
  }
  evidence.delay_share_of_latency = delay_share(stats, evidence);
  const auto connections = static_cast<std::uint64_t>(options.connections);
  if (options.rate_hz > 0) {
    const auto planned = static_cast<double>(stats.sent() + stats.dropped);
    if (planned > 0) {
      evidence.achieved_ratio =
          1 - static_cast<double>(std::max(stats.dropped, stats.overdue)) / planned;
    }
  } else if (stats.sent() >= kEnoughRounds * connections) {
    evidence.little_ratio = share(stats.in_progress / options.connections, window);
  }
  return evidence;
}

std::vector<std::string> limit_reasons(const LimitEvidence& evidence) {
  if (evidence.busiest_thread >= kBusy) {
    return {
        fmt::format("a thread of the generator was {:.0f} % busy", 100 * evidence.busiest_thread)};
  }
  if (evidence.busiest_thread < kHalfBusy) return {};
  std::vector<std::string> reasons;
  const auto add_if = [&](bool condition, const std::string& text) {
    if (!condition) return;
    reasons.push_back(fmt::format("{}, and a thread of the generator was {:.0f} % busy", text,
                                  100 * evidence.busiest_thread));
  };
  add_if(evidence.least_idle_thread >= kNeverIdle,
         fmt::format("the generator was never idle: it waited {:.0f} % of the time for a processor",
                     100 * evidence.run_delay_ratio));
  add_if(evidence.little_ratio.value_or(1) < kLittle,
         fmt::format("only {:.1f} % of the connections had a request in progress on average",
                     100 * evidence.little_ratio.value_or(1)));
  add_if(evidence.achieved_ratio.value_or(1) < kLeastOfRate,
         fmt::format("only {:.1f} % of the planned requests were sent in time",
                     100 * evidence.achieved_ratio.value_or(1)));
  return reasons;
}

std::string idle_connections_text(const LimitEvidence& evidence) {
  if (evidence.little_ratio.value_or(1) >= kLittle || evidence.busiest_thread >= kHalfBusy) {
    return {};
  }
  return fmt::format(
      "only {:.1f} % of the connections had a request in progress on average, although the "
      "generator was only {:.0f} % busy",
      100 * *evidence.little_ratio, 100 * evidence.busiest_thread);
}

}  // namespace poolbench::generator
