#include "probe/host_facts.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "base/file.h"

namespace poolbench::probe {
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

}  // namespace poolbench::probe
