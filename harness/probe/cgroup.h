#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace poolbench::probe {

/// The folders of a process's control group and those above it, up to the mount, the innermost
/// first: a list for each hierarchy that may have the controller ("cpu", "memory"), by the text of
/// /proc/PID/cgroup, with control groups mounted below `mounts`: version 2 ("0::/path") or that
/// controller of version 1. In a container the folders above its own are not there.
std::vector<std::vector<std::filesystem::path>> cgroup_folders(std::string_view membership,
                                                               const std::filesystem::path& mounts,
                                                               std::string_view controller);

/// What control groups allow a process; each limit is the lowest of its group and those above.
struct CgroupLimits {
  bool cpu_is_known = false, memory_is_known = false;  ///< a group tells: a limit, or none
  std::optional<double> cpus;                          ///< quota ÷ period; unset: no limit
  std::optional<std::int64_t> memory_bytes;            ///< unset: no limit
};

/// With `membership` and `mounts` as above.
CgroupLimits cgroup_limits(std::string_view membership, const std::filesystem::path& mounts);

}  // namespace poolbench::probe
