#include "probe/cpu_quota.h"

#include <sstream>
#include <string>

#include "base/file.h"

namespace poolbench::probe {
namespace fs = std::filesystem;
namespace {

std::optional<std::int64_t> throttled_in(const fs::path& group) {
  std::istringstream stat(base::read_file(group / "cpu.stat").value_or(""));
  std::string name;
  std::int64_t value = 0;
  while (stat >> name >> value) {
    if (name == "nr_throttled") return value;
  }
  return std::nullopt;
}

/// Of a group and those above it, up to the mount. In a container the groups above are not there.
std::optional<std::int64_t> sum_up_to(const fs::path& mount, fs::path below) {
  std::optional<std::int64_t> sum;
  while (true) {
    if (const auto periods = throttled_in(mount / below)) sum = sum.value_or(0) + *periods;
    if (below.empty()) return sum;
    below = below.parent_path();
  }
}

bool has_cpu(const std::string& controllers) {
  return ("," + controllers + ",").find(",cpu,") != std::string::npos;
}

}  // namespace

std::optional<std::int64_t> throttled_periods(std::string_view membership, const fs::path& mounts) {
  std::istringstream lines{std::string(membership)};
  std::string line;
  while (std::getline(lines, line)) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (!controllers.empty() && !has_cpu(controllers)) continue;
    const fs::path path = fs::path(line.substr(second + 1)).relative_path();
    if (const auto sum = sum_up_to(controllers.empty() ? mounts : mounts / "cpu", path)) return sum;
  }
  return std::nullopt;
}

std::optional<std::int64_t> read_throttled_periods() {
  return throttled_periods(base::read_file("/proc/self/cgroup").value_or(""), "/sys/fs/cgroup");
}

}  // namespace poolbench::probe
