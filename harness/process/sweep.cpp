#include "process/sweep.h"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <utility>

#include "process/run_id.h"

namespace poolbench::process {
namespace {

using ById = std::map<pid_t, ProcessStat>;

std::set<pid_t> ourselves_and_ancestors(const ById& all) {
  std::set<pid_t> line;
  pid_t pid = ::getpid();
  while (line.insert(pid).second && all.contains(pid)) pid = all.at(pid).parent;
  return line;
}

/// The run id a process carries itself; empty if none.
std::string own_mark(pid_t pid, const std::string& our_namespace) {
  const std::string environment = environment_of(pid);
  const auto id = find_variable(environment, kRunIdVariable);
  if (!id || pid_namespace_of(pid) != our_namespace) return {};
  return std::string(*id);
}

/// The mark of the process or of the nearest ancestor below `line` that has one.
std::string mark_of(pid_t pid, const ById& all, const std::set<pid_t>& line,
                    const std::map<pid_t, std::string>& marks) {
  std::set<pid_t> passed;
  while (!line.contains(pid) && all.contains(pid) && passed.insert(pid).second) {
    if (const auto mark = marks.find(pid); mark != marks.end()) return mark->second;
    pid = all.at(pid).parent;
  }
  return {};
}

std::vector<Marked> find_lost(const std::string& run_id) {
  std::vector<Marked> lost = find_marked(run_id);
  std::erase_if(
      lost, [](const Marked& marked) { return state_of_run(marked.run_id) != RunState::kLost; });
  return lost;
}

bool has_ended(const Marked& marked) {
  const auto now = read_stat(marked.process.pid);
  return !now || now->start_ticks != marked.process.start_ticks || now->has_ended();
}

}  // namespace

std::vector<Marked> find_marked(const std::string& run_id) {
  ById all;
  for (const ProcessStat& process : all_processes()) all.emplace(process.pid, process);
  const std::set<pid_t> line = ourselves_and_ancestors(all);
  const std::string our_namespace = pid_namespace_of(::getpid());
  std::map<pid_t, std::string> marks;
  for (const auto& [pid, process] : all) {
    std::string mark = own_mark(pid, our_namespace);
    if (!mark.empty()) marks.emplace(pid, std::move(mark));
  }
  std::vector<Marked> found;
  for (const auto& [pid, process] : all) {
    const std::string mark = mark_of(pid, all, line, marks);
    if (mark.empty() || process.has_ended() || (!run_id.empty() && mark != run_id)) continue;
    found.push_back({process, mark, command_line_of(pid)});
  }
  return found;
}

Swept sweep_lost(const std::string& run_id) {
  using namespace std::chrono_literals;
  constexpr std::pair<int, base::Duration> kSteps[] = {{SIGINT, 3s}, {SIGTERM, 2s}, {SIGKILL, 2s}};
  const std::vector<Marked> lost = find_lost(run_id);
  for (const auto& [signal, patience] : kSteps) {
    // Again each time: they may have started others meanwhile.
    std::vector<ProcessStat> alive;
    for (const Marked& marked : find_lost(run_id)) alive.push_back(marked.process);
    for (const ProcessStat& process : alive) send_signal(process, signal);
    await_ends(alive, std::chrono::steady_clock::now() + patience, nullptr);
  }
  Swept swept;
  for (const Marked& marked : lost) {
    (has_ended(marked) ? swept.ended : swept.still_alive).push_back(marked);
  }
  return swept;
}

}  // namespace poolbench::process
