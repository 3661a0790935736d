#include <algorithm>
#include <set>

#include "doctor/checks.h"
#include "doctor/texts.h"
#include "probe/cgroup.h"
#include "report/validity.h"

namespace poolbench::doctor {
namespace fs = std::filesystem;
namespace {

constexpr double kMostOtherLoad = 0.10;  // of all processors
constexpr std::int64_t kMostSwappiness = 10;
constexpr std::uint64_t kLeastMemory = 256 * kMiB, kGoodMemory = kGiB;

/// The governors of all processors; empty where the kernel governs none.
std::set<std::string> governors(const Machine& machine) {
  std::set<std::string> found;
  const auto entries = base::entries_of(machine.root / "sys/devices/system/cpu");
  for (const fs::path& cpu : entries.value_or(std::vector<fs::path>{})) {
    const auto governor = base::read_file(cpu / "cpufreq/scaling_governor");
    if (governor) found.insert(base::first_line(*governor));
  }
  return found;
}

/// What processes may still take without swapping; kBadInput if the kernel does not tell.
base::Result<std::uint64_t> available_memory(const Machine& machine) {
  const auto text = base::read_file(machine.root / "proc/meminfo");
  if (!text) return tl::unexpected(text.error());
  std::istringstream lines(*text);
  std::string name, rest;
  std::uint64_t kibibytes = 0;
  while (lines >> name >> kibibytes && std::getline(lines, rest)) {
    if (name == "MemAvailable:") return kibibytes * 1024;
  }
  return base::bad_input("/proc/meminfo has no MemAvailable");
}

probe::CgroupLimits group_limits(const Machine& machine) {
  const auto membership = base::read_file(machine.root / "proc/self/cgroup");
  return probe::cgroup_limits(membership.value_or(""), machine.root / "sys/fs/cgroup");
}

/// Whether there is somewhere to swap to: lines beyond the heading of /proc/swaps.
base::Result<bool> has_swap(const Machine& machine) {
  return base::read_file(machine.root / "proc/swaps").map([](const std::string& text) {
    return std::ranges::count(text, '\n') > 1;
  });
}

}  // namespace

Verdict check_governor(const Machine& machine) {
  const auto found = governors(machine);
  if (found.empty()) {
    return not_known("the kernel shows no CPU frequencies, as in most virtual machines");
  }
  for (const std::string& governor : found) {
    if (governor == "performance") continue;
    return advice(governor + ": the clock speed varies with the load",
                  "cpupower frequency-set -g performance");
  }
  return ok("performance");
}

Verdict check_boost(const Machine& machine) {
  constexpr const char* kIntel = "sys/devices/system/cpu/intel_pstate/no_turbo";
  constexpr const char* kOthers = "sys/devices/system/cpu/cpufreq/boost";
  const char* const text = "on: the clock speed varies with temperature and with busy neighbours";
  if (const auto is_off = number_in(machine, kIntel)) {
    if (*is_off == 1) return ok("off");
    return advice(text, fmt::format("echo 1 > /{}", kIntel));
  }
  if (const auto is_on = number_in(machine, kOthers)) {
    if (*is_on == 0) return ok("off");
    return advice(text, fmt::format("echo 0 > /{}", kOthers));
  }
  return not_known("the kernel shows no switch for it, as in most virtual machines");
}

Verdict check_steal(const Machine& machine) {
  const auto& steal = machine.watched.steal_ratio;
  if (!steal) return not_known("/proc/stat does not count it");
  std::string text = fmt::format("the hypervisor took {:.1f} % of the CPU time", 100 * *steal);
  const double surely = *steal - machine.watched.steal_resolution_ratio.value_or(0);
  if (surely <= report::kMostSteal) return ok(std::move(text));
  return advice(std::move(text),
                "take a machine with processors of its own, or set design.slice in the scenario, "
                "so that all cells suffer alike");
}

Verdict check_other_load(const Machine& machine) {
  const auto& busy = machine.watched.cpu_busy_ratio;
  if (!busy) return not_known("/proc/stat does not tell");
  std::string text = fmt::format("others kept {:.0f} % of {} CPUs busy", 100 * *busy, machine.cpus);
  if (*busy <= kMostOtherLoad) return ok(std::move(text));
  return advice(std::move(text), "end other work; this shows it: top -b -n 1 -o %CPU | head -15");
}

Verdict check_cpu_quota(const Machine& machine) {
  const auto limits = group_limits(machine);
  if (!limits.cpu_is_known) return not_known("no control group tells of a quota");
  if (!limits.cpus || *limits.cpus >= static_cast<double>(machine.cpus)) return ok("none");
  return advice(
      fmt::format("{:.3g} of {} CPUs: whoever uses more is held up", *limits.cpus, machine.cpus),
      "give CPUs instead of a quota: --cpuset-cpus 0-1 instead of --cpus (containers), "
      "AllowedCPUs= instead of CPUQuota= (systemd)");
}

Verdict check_memory(const Machine& machine) {
  const auto available = available_memory(machine);
  const auto limit = group_limits(machine).memory_bytes;
  if (!available && !limit) return not_known(available.error().message);
  const auto most = limit ? static_cast<std::uint64_t>(*limit) : *available;
  const std::uint64_t free = available ? std::min(*available, most) : most;
  std::string text = free == most && limit ? size_text(free) + " is the limit of the control group"
                                           : size_text(free) + " available";
  const std::string next = limit && free == most
                               ? "raise its limit: --memory (containers), MemoryMax= (systemd)"
                               : "end what takes it; this shows it: top -b -n 1 -o %MEM | head -15";
  if (free < kLeastMemory) return must_mend(std::move(text), next);
  if (free < kGoodMemory) return advice(std::move(text), next);
  return ok(std::move(text));
}

Verdict check_huge_pages(const Machine& machine) {
  constexpr const char* kFile = "sys/kernel/mm/transparent_hugepage/enabled";
  const auto line = first_line_of(machine, kFile);
  if (!line) return not_known(line.error().message);
  const std::size_t open = line->find('['), close = line->find(']');
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return not_known(fmt::format("/{} names none in brackets", kFile));
  }
  std::string chosen = line->substr(open + 1, close - open - 1);
  if (chosen != "always") return ok(std::move(chosen));
  return advice("always: memory and latency depend on when the kernel joins pages",
                fmt::format("echo madvise > /{}", kFile));
}

Verdict check_swapping(const Machine& machine) {
  const auto& swapped = machine.watched.swapped_bytes;
  if (swapped && *swapped > report::kMostSwappedBytes) {
    return advice(fmt::format("the machine swapped {} within two seconds",
                              size_text(static_cast<std::uint64_t>(*swapped))),
                  "free memory; this shows who has it: top -b -n 1 -o %MEM | head -15");
  }
  const auto is_possible = has_swap(machine);
  if (!is_possible) return not_known(is_possible.error().message);
  if (!*is_possible) return ok("there is no swap");
  const auto swappiness = number_in(machine, "proc/sys/vm/swappiness");
  if (!swappiness) return not_known(swappiness.error().message);
  std::string text = fmt::format("vm.swappiness = {}", *swappiness);
  if (*swappiness > kMostSwappiness) {
    return advice(text + ": idle memory is swapped out early", "sysctl -w vm.swappiness=1");
  }
  if (!swapped) return not_known("/proc/vmstat does not tell what is swapped");
  return ok(std::move(text));
}

}  // namespace poolbench::doctor
