#include "probe/host_load.h"

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

double ratio(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
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
  const std::uint64_t total = after.total_ticks - before.total_ticks;
  if (total > 0) {
    evidence.steal_ratio = ratio(after.steal_ticks - before.steal_ticks, total);
    evidence.cpu_busy_ratio = 1 - ratio(after.idle_ticks - before.idle_ticks, total);
  }
  const double window = base::to_seconds(after.at - before.at);
  if (before.pressure_some_us && after.pressure_some_us && window > 0) {
    constexpr double kMicrosecondsPerSecond = 1e6;
    evidence.pressure_some_ratio =
        static_cast<double>(*after.pressure_some_us - *before.pressure_some_us) /
        kMicrosecondsPerSecond / window;
  }
  return evidence;
}

}  // namespace poolbench::probe
