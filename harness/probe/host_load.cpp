#include "probe/host_load.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "base/file.h"

namespace poolbench::probe {
namespace {

/// proc(5): user nice system idle iowait irq softirq steal (guest times are within user).
enum CpuField { kUser, kNice, kSystem, kIdle, kIoWait, kIrq, kSoftIrq, kSteal, kFieldCount };

std::optional<std::uint64_t> read_pressure_us() {
  const std::string text = base::read_file("/proc/pressure/cpu").value_or("");
  const std::size_t total = text.find("total=");
  if (!text.starts_with("some") || total == std::string::npos) return std::nullopt;
  return std::stoull(text.substr(total + 6));
}

/// Growth ÷ whole, within [0, 1]: the kernel's counters lag and round, and iowait may even go back.
double share(std::uint64_t before, std::uint64_t after, double whole) {
  return std::clamp((static_cast<double>(after) - static_cast<double>(before)) / whole, 0.0, 1.0);
}

}  // namespace

HostCounters read_host_counters(const base::Clock& clock) {
  HostCounters counters;
  counters.at = clock.steady_now();
  std::istringstream stat(base::read_file("/proc/stat").value_or(""));
  std::string label;
  std::array<std::uint64_t, kFieldCount> ticks{};
  stat >> label;
  for (std::uint64_t& field : ticks) {
    stat >> field;
    counters.total_ticks += field;
  }
  counters.idle_ticks = ticks[kIdle] + ticks[kIoWait];
  counters.steal_ticks = ticks[kSteal];
  counters.pressure_some_us = read_pressure_us();
  return counters;
}

report::HostEvidence host_evidence(const HostCounters& before, const HostCounters& after) {
  report::HostEvidence evidence;
  const double total =
      static_cast<double>(after.total_ticks) - static_cast<double>(before.total_ticks);
  if (total > 0) {
    evidence.steal_ratio = share(before.steal_ticks, after.steal_ticks, total);
    evidence.cpu_busy_ratio = 1 - share(before.idle_ticks, after.idle_ticks, total);
  }
  const double window = base::to_seconds(after.at - before.at);
  if (before.pressure_some_us && after.pressure_some_us && window > 0) {
    constexpr double kMicrosecondsPerSecond = 1e6;
    evidence.pressure_some_ratio =
        share(*before.pressure_some_us, *after.pressure_some_us, window * kMicrosecondsPerSecond);
  }
  return evidence;
}

}  // namespace poolbench::probe
