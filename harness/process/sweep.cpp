#include "process/sweep.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <utility>

#include "process/process_table.h"

namespace poolbench::process {
namespace {

/// Reads the number after the last '-' and takes both off the text.
template <typename Number>
bool take_last_number(std::string_view& text, Number& number) {
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view digits = text.substr(dash + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  text = text.substr(0, dash);
  return error == std::errc{} && end == digits.data() + digits.size();
}

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

bool has_ended(const Marked& marked) {
  const auto now = read_stat(marked.process.pid);
  return !now || now->start_ticks != marked.process.start_ticks || now->has_ended();
}

}  // namespace

std::string make_run_id(const base::Clock& clock) {
  const auto self = read_stat(::getpid());
  return fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(clock.utc_now())), ::getpid(),
                     self ? self->start_ticks : 0);
}

RunState state_of_run(std::string_view run_id) {
  std::uint64_t start_ticks = 0;
  pid_t pid = 0;
  if (!take_last_number(run_id, start_ticks) || !take_last_number(run_id, pid) || pid <= 0) {
    return RunState::kUnknown;
  }
  if (const auto owner = read_stat(pid)) {
    const bool same = owner->start_ticks == start_ticks && !owner->has_ended();
    return same ? RunState::kAlive : RunState::kLost;
  }
  // A /proc mounted with hidepid hides other users' processes: one that exists may be the owner.
  return ::kill(pid, 0) == 0 || errno == EPERM ? RunState::kAlive : RunState::kLost;
}

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

std::vector<Marked> find_lost(const std::string& run_id) {
  std::vector<Marked> lost = find_marked(run_id);
  std::erase_if(
      lost, [](const Marked& marked) { return state_of_run(marked.run_id) != RunState::kLost; });
  return lost;
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
