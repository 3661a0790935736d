#include "probe/host_facts.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "base/file.h"

namespace poolbench::probe {
namespace {

using base::Json;

std::string strip(std::string text) {
  const char* space = " \t\r\n\"";
  text.erase(0, text.find_first_not_of(space));
  text.erase(text.find_last_not_of(space) + 1);
  return text;
}

Json first_line_or_null(const char* path) {
  const auto content = base::read_file(path);
  if (!content || content->empty()) return nullptr;
  return strip(content->substr(0, content->find('\n')));
}

/// The value after `key` and `separator` in a file of such lines.
Json value_of(const char* path, std::string_view key, char separator) {
  std::istringstream lines(base::read_file(path).value_or(""));
  std::string line;
  while (std::getline(lines, line)) {
    const std::size_t at = line.find(separator);
    if (at != std::string::npos && strip(line.substr(0, at)) == key) {
      return strip(line.substr(at + 1));
    }
  }
  return nullptr;
}

bool runs_under_hypervisor() {
  const Json flags = value_of("/proc/cpuinfo", "flags", ':');
  return flags.is_string() &&
         (" " + flags.get<std::string>() + " ").find(" hypervisor ") != std::string::npos;
}

}  // namespace

Json host_facts() {
  utsname system{};
  ::uname(&system);
  Json facts;
  facts["host.name"] = system.nodename;
  facts["host.arch"] = system.machine;
  facts["host.cpu.model.name"] = value_of("/proc/cpuinfo", "model name", ':');
  facts["host.cpu.logical_count"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts["host.memory_bytes"] =
      static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  facts["os.description"] = value_of("/etc/os-release", "PRETTY_NAME", '=');
  facts["os.kernel_release"] = system.release;
  facts["cpu_governor"] =
      first_line_or_null("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  facts["cgroup.cpu_max"] = first_line_or_null("/sys/fs/cgroup/cpu.max");
  facts["cgroup.memory_max"] = first_line_or_null("/sys/fs/cgroup/memory.max");
  facts["virtualized"] = runs_under_hypervisor();
  return facts;
}

std::vector<std::string> host_warnings(const Json& facts) {
  std::vector<std::string> warnings;
  const Json& governor = facts.at("cpu_governor");
  if (governor.is_string() && governor != "performance") {
    warnings.push_back(
        fmt::format("the CPU frequency governor is \"{}\": clock speed varies with load; "
                    "`cpupower frequency-set -g performance` steadies it",
                    governor.get<std::string>()));
  }
  double one_minute = 0;
  const long cpus = facts.at("host.cpu.logical_count").get<long>();
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
