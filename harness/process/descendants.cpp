#include "process/descendants.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "process/run_id.h"
#include "process/tree.h"

namespace poolbench::process {

bool Family::has_our_mark(pid_t pid) const {
  const std::string environment = environment_of(pid);
  return find_variable(environment, kServiceVariable) == child_.mark &&
         find_variable(environment, kRunIdVariable) == run_id_;
}

bool Family::belongs(const ProcessStat& process) const {
  if (process.pid == child_.pid || process.group == child_.pid) return true;
  if (seen_.contains({process.pid, process.start_ticks})) return true;
  // Whatever leaves its parents lands with us, so only our own children need the dearer look.
  return process.parent == ::getpid() && has_our_mark(process.pid);
}

std::vector<ProcessStat> Family::find() {
  const std::vector<ProcessStat> all = all_processes();
  std::set<pid_t> members;
  for (const ProcessStat& process : all) {
    if (process.pid != ::getpid() && belongs(process)) members.insert(process.pid);
  }
  for (bool grown = true; grown;) {
    grown = false;
    for (const ProcessStat& process : all) {
      if (members.contains(process.parent)) grown |= members.insert(process.pid).second;
    }
  }
  std::vector<ProcessStat> family;
  for (const ProcessStat& process : all) {
    if (!members.contains(process.pid)) continue;
    seen_.insert({process.pid, process.start_ticks});
    if (!process.has_ended()) family.push_back(process);
  }
  return family;
}

std::vector<ProcessStat> find_strays(const std::set<pid_t>& before) {
  std::vector<ProcessStat> strays;
  for (const pid_t pid : descendants(::getpid())) {
    const auto stat = before.contains(pid) ? std::nullopt : read_stat(pid);
    if (stat && !stat->has_ended()) strays.push_back(*stat);
  }
  return strays;
}

void reap_orphans(const Children& children, const std::set<pid_t>& before) {
  for (const ProcessStat& process : all_processes()) {
    if (process.parent != ::getpid() || !process.has_ended()) continue;
    const bool is_child = std::ranges::any_of(
        children, [&](const auto& child) { return child->pid == process.pid && !child->stopped; });
    if (!is_child && !before.contains(process.pid)) ::waitpid(process.pid, nullptr, WNOHANG);
  }
}

}  // namespace poolbench::process
