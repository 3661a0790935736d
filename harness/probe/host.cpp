#include "probe/host.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

#include "base/file.h"
#include "probe/cgroup.h"

namespace poolbench::probe {
namespace fs = std::filesystem;
namespace {

std::string strip(std::string text) {
  const char* space = " \t\r\n\"";
  text.erase(0, text.find_first_not_of(space));
  text.erase(text.find_last_not_of(space) + 1);
  return text;
}

std::optional<std::string> first_line_of(const char* path) {
  const auto content = base::read_file(path);
  if (!content || content->empty()) return std::nullopt;
  return strip(content->substr(0, content->find('\n')));
}

/// The value after `key` and `separator` in a file of such lines.
std::optional<std::string> value_of(const char* path, std::string_view key, char separator) {
  std::istringstream lines(base::read_file(path).value_or(""));
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && strip(line.substr(0, at)) == key) {
      return strip(line.substr(at + 1));
    }
  }
  return std::nullopt;
}

bool runs_under_hypervisor() {
  const auto flags = value_of("/proc/cpuinfo", "flags", ':');
  return flags && (" " + *flags + " ").find(" hypervisor ") != std::string::npos;
}

std::optional<std::int64_t> throttled_in(const fs::path& group) {
  std::istringstream stat(base::read_file(group / "cpu.stat").value_or(""));
  std::string name;
  std::int64_t value = 0;
  while (stat >> name >> value) {
    if (name == "nr_throttled") return value;
  }
  return std::nullopt;
}

/// proc(5): user nice system idle iowait irq softirq steal (guest times are within user).
enum CpuField { kUser, kNice, kSystem, kIdle, kIoWait, kIrq, kSoftIrq, kSteal, kFieldCount };

std::optional<std::uint64_t> read_pressure_us() {
  const std::string text = base::read_file("/proc/pressure/cpu").value_or("");
  const std::size_t total = text.find("total=");
  if (!text.starts_with("some") || total == std::string::npos) return std::nullopt;
  std::uint64_t microseconds = 0;
  if (!(std::istringstream(text.substr(total + 6)) >> microseconds)) return std::nullopt;
  return microseconds;
}

std::optional<std::int64_t> read_swapped_bytes() {
  std::istringstream lines(base::read_file("/proc/vmstat").value_or(""));
  std::string name;
  std::int64_t value = 0;
  std::optional<std::int64_t> pages;
  while (lines >> name >> value) {
    if (name == "pswpin" || name == "pswpout") pages = pages.value_or(0) + value;
  }
  if (!pages) return std::nullopt;
  return *pages * ::sysconf(_SC_PAGESIZE);
}

std::optional<std::int64_t> growth(const std::optional<std::int64_t>& before,
                                   const std::optional<std::int64_t>& after) {
  if (!before || !after) return std::nullopt;
  return *after - *before;
}

/// Both clocks at the same moment, unless we are interrupted between them time and again.
void read_clocks(const base::Clock& clock, HostCounters& counters) {
  constexpr auto kSameMoment = std::chrono::microseconds(100);
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    counters.at = clock.steady_now();
    counters.utc = clock.utc_now();
    if (clock.steady_now() - counters.at < kSameMoment) return;
  }
}

/// Growth ÷ whole, within [0, 1]: the kernel's counters lag and round, and iowait may even go back.
double share(std::uint64_t before, std::uint64_t after, double whole) {
  return std::clamp((static_cast<double>(after) - static_cast<double>(before)) / whole, 0.0, 1.0);
}

}  // namespace

report::Environment host_facts() {
  utsname system{};
  ::uname(&system);
  report::Environment facts;
  facts.host_name = system.nodename;
  facts.host_arch = system.machine;
  facts.cpu_model = value_of("/proc/cpuinfo", "model name", ':');
  facts.cpu_count = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts.memory_bytes =
      static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  facts.os_description = value_of("/etc/os-release", "PRETTY_NAME", '=');
  facts.kernel_release = system.release;
  facts.cpu_governor = first_line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  facts.cgroup_cpu_max = first_line_of("/sys/fs/cgroup/cpu.max");
  facts.cgroup_memory_max = first_line_of("/sys/fs/cgroup/memory.max");
  facts.virtualized = runs_under_hypervisor();
  return facts;
}

std::vector<std::string> host_warnings(const report::Environment& facts) {
  std::vector<std::string> warnings;
  const auto& governor = facts.cpu_governor;
  if (governor && *governor != "performance") {
    warnings.push_back(
        fmt::format("the CPU frequency governor is \"{}\": clock speed varies with load; "
                    "`cpupower frequency-set -g performance` steadies it",
                    *governor));
  }
  double one_minute = 0;
  const std::int64_t cpus = facts.cpu_count.value_or(1);
  if (::getloadavg(&one_minute, 1) == 1 && one_minute > 0.5 * static_cast<double>(cpus)) {
    warnings.push_back(
        fmt::format("the machine was busy before the run began (load average {:.1f} on {} CPUs): "
                    "end other work "
                    "first",
                    one_minute, cpus));
  }
  return warnings;
}

std::optional<std::int64_t> throttled_periods(std::string_view membership, const fs::path& mounts) {
  for (const auto& folders : cgroup_folders(membership, mounts, "cpu")) {
    std::optional<std::int64_t> sum;
    for (const fs::path& group : folders) {
      if (const auto periods = throttled_in(group)) sum = sum.value_or(0) + *periods;
    }
    if (sum) return sum;
  }
  return std::nullopt;
}

HostCounters read_host_counters(const base::Clock& clock) {
  HostCounters counters;
  read_clocks(clock, counters);
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
  counters.throttled_periods =
      throttled_periods(base::read_file("/proc/self/cgroup").value_or(""), "/sys/fs/cgroup");
  counters.swapped_bytes = read_swapped_bytes();
  return counters;
}

report::HostEvidence host_evidence(const HostCounters& before, const HostCounters& after) {
  report::HostEvidence evidence;
  const double total =
      static_cast<double>(after.total_ticks) - static_cast<double>(before.total_ticks);
  if (total > 0) {
    evidence.steal_ratio = share(before.steal_ticks, after.steal_ticks, total);
    evidence.steal_resolution_ratio = std::min(1 / total, 1.0);
    evidence.cpu_busy_ratio = 1 - share(before.idle_ticks, after.idle_ticks, total);
  }
  const double window = base::to_seconds(after.at - before.at);
  if (before.pressure_some_us && after.pressure_some_us && window > 0) {
    constexpr double kMicrosecondsPerSecond = 1e6;
    evidence.pressure_some_ratio =
        share(*before.pressure_some_us, *after.pressure_some_us, window * kMicrosecondsPerSecond);
  }
  evidence.throttled_periods = growth(before.throttled_periods, after.throttled_periods);
  evidence.swapped_bytes = growth(before.swapped_bytes, after.swapped_bytes);
  evidence.clock_step_seconds = base::to_seconds(after.utc - before.utc) - window;
  return evidence;
}

}  // namespace poolbench::probe
