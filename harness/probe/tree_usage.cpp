#include "probe/tree_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "process/process_table.h"

namespace poolbench::probe {
namespace {

constexpr std::uint64_t kBytesPerKilobyte = 1024;

std::vector<pid_t> with_descendants(pid_t root) {
  std::vector<pid_t> pids = process::descendants(root);
  pids.push_back(root);
  return pids;
}

struct Resident {
  std::uint64_t own_bytes = 0;
  std::uint64_t shared_memory_bytes = 0;
};

Resident resident(pid_t pid) {
  Resident result;
  std::istringstream status(base::read_file(fmt::format("/proc/{}/status", pid)).value_or(""));
  std::string line;
  while (std::getline(status, line)) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t kilobytes = 0;
    fields >> name >> kilobytes;
    if (name == "RssAnon:" || name == "RssFile:") result.own_bytes += kilobytes * kBytesPerKilobyte;
    if (name == "RssShmem:") result.shared_memory_bytes = kilobytes * kBytesPerKilobyte;
  }
  return result;
}

}  // namespace

double tree_cpu_seconds(pid_t root) {
  std::uint64_t ticks = 0;
  for (const pid_t pid : with_descendants(root)) {
    if (const auto stat = process::read_stat(pid)) ticks += stat->cpu_ticks;
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t tree_rss_bytes(pid_t root) {
  std::uint64_t own = 0;
  std::uint64_t shared = 0;
  for (const pid_t pid : with_descendants(root)) {
    const Resident one = resident(pid);
    own += one.own_bytes;
    shared = std::max(shared, one.shared_memory_bytes);
  }
  return own + shared;
}

}  // namespace poolbench::probe
