#include "probe/tree_usage.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "process/tree.h"

namespace poolbench::probe {
namespace {

constexpr int kFieldsBeforeUtime = 11;  // after the command's closing parenthesis: state … cmajflt
constexpr std::uint64_t kBytesPerKilobyte = 1024;

std::vector<pid_t> with_descendants(pid_t root) {
  std::vector<pid_t> pids = process::descendants(root);
  pids.push_back(root);
  return pids;
}

std::string read_proc(pid_t pid, const char* file) {
  return base::read_file(fmt::format("/proc/{}/{}", pid, file)).value_or("");
}

/// utime + stime + cutime + cstime of proc(5)'s stat, in ticks; 0 once the process is gone.
std::int64_t cpu_ticks(pid_t pid) {
  const std::string stat = read_proc(pid, "stat");
  const std::size_t command_end = stat.rfind(')');
  if (command_end == std::string::npos) return 0;
  std::istringstream fields(stat.substr(command_end + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBeforeUtime; ++i) fields >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  std::int64_t reaped_user = 0;
  std::int64_t reaped_system = 0;
  fields >> user >> system >> reaped_user >> reaped_system;
  return user + system + reaped_user + reaped_system;
}

struct Resident {
  std::uint64_t own_bytes = 0;
  std::uint64_t shared_memory_bytes = 0;
};

Resident resident(pid_t pid) {
  Resident result;
  std::istringstream status(read_proc(pid, "status"));
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
  std::int64_t ticks = 0;
  for (const pid_t pid : with_descendants(root)) ticks += cpu_ticks(pid);
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
