#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "report/report.h"

// The machine: what it is, and what it did while something was measured.

namespace poolbench::probe {

/// Facts of this machine under OpenTelemetry's attribute names where there is one: host.name,
/// host.arch, host.cpu.model.name, host.cpu.logical_count, host.memory_bytes, os.description,
/// os.kernel_release, cpu_governor, cgroup.cpu_max, cgroup.memory_max, virtualization. Unknown:
/// null.
report::Environment host_facts();

/// What about this machine makes measurements worse, in words with what to do; may be empty.
std::vector<std::string> host_warnings(const report::Environment& facts);

/// The machine's own counters at one moment.
struct HostCounters {
  std::uint64_t total_ticks = 0, idle_ticks = 0, steal_ticks = 0;  ///< /proc/stat, first line
  std::optional<std::uint64_t> pressure_some_us;                   ///< /proc/pressure/cpu
  std::optional<std::int64_t> throttled_periods;                   ///< throttled_periods()
  std::optional<std::int64_t> swapped_bytes;                       ///< /proc/vmstat, in and out
  base::SteadyTime at;
  base::UtcTime utc;  ///< the same moment
};

HostCounters read_host_counters(const base::Clock& clock);

/// What happened between two readings; null where the kernel does not tell.
report::HostEvidence host_evidence(const HostCounters& before, const HostCounters& after);

/// How often a CPU quota has held up this process's control group and those above it: the sum of
/// `nr_throttled` in their cpu.stat, with arguments as cgroup_folders() has them. None where no
/// control group tells.
std::optional<std::int64_t> throttled_periods(std::string_view membership,
                                              const std::filesystem::path& mounts);

}  // namespace poolbench::probe
