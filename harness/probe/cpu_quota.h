#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

namespace poolbench::probe {

/// How often a CPU quota has held up this process's control group and those above it: the sum of
/// `nr_throttled` in their cpu.stat. None where no control group tells.
std::optional<std::int64_t> read_throttled_periods();

/// The same from the text of /proc/self/cgroup, with control groups mounted below `mounts`
/// (/sys/fs/cgroup): version 2 ("0::/path") or the cpu controller of version 1.
std::optional<std::int64_t> throttled_periods(std::string_view membership,
                                              const std::filesystem::path& mounts);

}  // namespace poolbench::probe
