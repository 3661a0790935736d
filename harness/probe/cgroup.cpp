#include "probe/cgroup.h"

#include <algorithm>
#include <limits>
#include <sstream>
#include <string>

#include "base/file.h"

namespace poolbench::probe {
namespace fs = std::filesystem;
namespace {

bool holds(const std::string& controllers, std::string_view controller) {
  return ("," + controllers + ",").find("," + std::string(controller) + ",") != std::string::npos;
}

/// The number that a file begins with; none where there is no file, or another word ("max").
std::optional<std::int64_t> number_in(const fs::path& file) {
  std::int64_t number = 0;
  std::istringstream text(base::read_file(file).value_or(""));
  return text >> number ? std::optional(number) : std::nullopt;
}

template <typename Number>
void keep_lowest(std::optional<Number>& lowest, Number value) {
  lowest = lowest ? std::min(*lowest, value) : value;
}

void add_cpu_limit(CgroupLimits& limits, const fs::path& group) {
  if (const auto both = base::read_file(group / "cpu.max")) {
    limits.cpu_is_known = true;
    double quota = 0, period = 0;
    std::istringstream text(*both);
    if (text >> quota >> period && period > 0) keep_lowest(limits.cpus, quota / period);
    return;
  }
  const auto quota = number_in(group / "cpu.cfs_quota_us");
  const auto period = number_in(group / "cpu.cfs_period_us");
  if (!quota || !period) return;
  limits.cpu_is_known = true;
  if (*quota > 0 && *period > 0) {
    keep_lowest(limits.cpus, static_cast<double>(*quota) / static_cast<double>(*period));
  }
}

void add_memory_limit(CgroupLimits& limits, const fs::path& group) {
  // Version 1 writes the largest number of whole pages where there is no limit.
  constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max() / 2;
  for (const char* name : {"memory.max", "memory.limit_in_bytes"}) {
    if (!base::read_file(group / name)) continue;
    limits.memory_is_known = true;
    const auto bytes = number_in(group / name);
    if (bytes && *bytes < kNoLimit) keep_lowest(limits.memory_bytes, *bytes);
  }
}

}  // namespace

std::vector<std::vector<fs::path>> cgroup_folders(std::string_view membership,
                                                  const fs::path& mounts,
                                                  std::string_view controller) {
  std::vector<std::vector<fs::path>> all;
  std::istringstream lines{std::string(membership)};
  std::string line;
  while (std::getline(lines, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !holds(controllers, controller)) continue;
    const fs::path mount = controllers.empty() ? mounts : mounts / controller;
    std::vector<fs::path>& folders = all.emplace_back();
    for (fs::path below = fs::path(line.substr(second + 1)).relative_path(); !below.empty();
         below = below.parent_path()) {
      folders.push_back(mount / below);
    }
    folders.push_back(mount);
  }
  return all;
}

CgroupLimits cgroup_limits(std::string_view membership, const fs::path& mounts) {
  CgroupLimits limits;
  for (const auto& folders : cgroup_folders(membership, mounts, "cpu")) {
    for (const fs::path& group : folders) add_cpu_limit(limits, group);
  }
  for (const auto& folders : cgroup_folders(membership, mounts, "memory")) {
    for (const fs::path& group : folders) add_memory_limit(limits, group);
  }
  return limits;
}

}  // namespace poolbench::probe
