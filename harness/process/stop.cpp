#include "process/stop.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <utility>

#include "base/time.h"
#include "process/process_table.h"
#include "process/sweep.h"

namespace poolbench::process {
namespace {

using base::SteadyTime;
using Find = std::function<std::vector<ProcessStat>()>;
using Notes = std::vector<std::string>;

/// How the process ended, if it has.
std::optional<Exit> ask(int pidfd, int options) {
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG | options) != 0) {
    return std::nullopt;
  }
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED) return Exit{info.si_status, 0};
  return Exit{0, info.si_status};
}

/// The live processes that belong to a child: itself, its group, its descendants, and orphans that
/// left all that (setsid, double fork) and became ours, since we are a subreaper. Those are known
/// by having been seen in the family before, or by their mark in the environment.
class Family {
 public:
  Family(const Child& child, const std::string& run_id) : child_(child), run_id_(run_id) {}

  /// Looks at /proc. Zombies and ourselves are not in it.
  std::vector<ProcessStat> find();

 private:
  [[nodiscard]] bool belongs(const ProcessStat& process) const;
  [[nodiscard]] bool has_our_mark(pid_t pid) const;

  const Child& child_;
  const std::string& run_id_;
  std::set<std::pair<pid_t, std::uint64_t>> seen_;
};

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

/// The live processes below us that no child accounts for: orphans that hide their origin.
/// `before` are pids that lived already when supervision began.
std::vector<ProcessStat> find_strays(const std::set<pid_t>& before) {
  std::vector<ProcessStat> strays;
  for (const pid_t pid : descendants(::getpid())) {
    const auto stat = before.contains(pid) ? std::nullopt : read_stat(pid);
    if (stat && !stat->has_ended()) strays.push_back(*stat);
  }
  return strays;
}

/// Reaps the zombies that became ours, except the children's own and those of `before`.
void reap_orphans(const Children& children, const std::set<pid_t>& before) {
  for (const ProcessStat& process : all_processes()) {
    if (process.parent != ::getpid() || !process.has_ended()) continue;
    const bool is_child = std::ranges::any_of(
        children, [&](const auto& child) { return child->pid == process.pid && !child->stopped; });
    if (!is_child && !before.contains(process.pid)) ::waitpid(process.pid, nullptr, WNOHANG);
  }
}

/// Workers notice a moment late that their parent is gone: not worth a word.
constexpr auto kSettle = std::chrono::milliseconds(300);
/// What was left behind gets this long between the stop signal and SIGKILL.
constexpr auto kLastChance = std::chrono::seconds(1);
/// A process in uninterruptible sleep may take time to die even of SIGKILL.
constexpr auto kKillPatience = std::chrono::seconds(5);

SteadyTime in(base::Duration duration) { return std::chrono::steady_clock::now() + duration; }

std::string list(const std::vector<ProcessStat>& processes) {
  constexpr std::size_t kShown = 5;
  constexpr std::size_t kLongest = 80;
  std::string text;
  for (std::size_t i = 0; i < std::min(processes.size(), kShown); ++i) {
    const pid_t pid = processes[i].pid;
    text += fmt::format("{}{} ({:.{}})", i == 0 ? "" : ", ", pid, command_line_of(pid), kLongest);
  }
  if (processes.size() > kShown) text += fmt::format(" and {} more", processes.size() - kShown);
  return text;
}

bool no_more_patience(Interrupt& interrupt) {
  interrupt.poll();
  return interrupt.count() >= 2;
}

void kill_all_groups(const Children& children) {
  for (const auto& child : children) {
    if (!child->stopped) ::kill(-child->pid, SIGKILL);
  }
}

void kill_until_none(const std::string& name, const Find& find, Notes& notes) {
  constexpr auto kRound = std::chrono::milliseconds(500);
  const SteadyTime deadline = in(kKillPatience);
  std::vector<ProcessStat> left = find();
  while (!left.empty() && std::chrono::steady_clock::now() < deadline) {
    for (const ProcessStat& process : left) send_signal(process, SIGKILL);
    await_ends(left, in(kRound), nullptr);
    left = find();
  }
  if (!left.empty()) {
    notes.push_back(fmt::format("{}: could not be ended even by SIGKILL: {}", name, list(left)));
  }
}

/// What is still there after its leader: told, asked with `signal`, killed.
void end_left_behind(const std::string& name, const Find& find, int signal, Interrupt& interrupt,
                     Notes& notes) {
  await_ends(find(), in(kSettle), &interrupt);
  const std::vector<ProcessStat> left = find();
  if (left.empty()) return;
  notes.push_back(fmt::format("{} left {} process{} behind, which had to be ended: {}", name,
                              left.size(), left.size() == 1 ? "" : "es", list(left)));
  if (!no_more_patience(interrupt)) {
    for (const ProcessStat& process : left) send_signal(process, signal);
    await_ends(left, in(kLastChance), &interrupt);
  }
  kill_until_none(name, find, notes);
}

/// Signals the group and waits for its leader, then for those that were signalled with it. True if
/// the leader ended within the grace (or had ended before).
bool group_stops(const Child& child, const Find& find, const Surroundings& surroundings,
                 Notes& notes) {
  std::vector<ProcessStat> group = find();
  std::erase_if(group, [&](const ProcessStat& process) { return process.group != child.pid; });
  if (group.empty()) return true;
  if (!no_more_patience(surroundings.interrupt)) {
    const SteadyTime deadline = in(child.stop.grace);
    ::kill(-child.pid, child.stop.signal);
    await_ends(group, deadline, &surroundings.interrupt);
  }
  const auto leader = read_stat(child.pid);
  if (!leader || leader->has_ended()) return true;
  if (surroundings.interrupt.count() >= 2) {
    notes.push_back(fmt::format("{} was killed at once: second interrupt", child.name));
    kill_all_groups(surroundings.children);
  } else {
    notes.push_back(fmt::format("{} did not stop within {} of {} and was killed", child.name,
                                base::format_duration(child.stop.grace),
                                signal_name(child.stop.signal)));
  }
  return false;
}

}  // namespace

void Child::look() {
  if (!exit) exit = ask(pidfd.get(), WNOWAIT);
}

void Child::reap() {
  if (stopped) return;
  if (const auto ended = ask(pidfd.get(), 0)) {
    exit = ended;
    stopped = true;
    pidfd.reset();
  }
}

Notes end_child(Child& child, const Surroundings& surroundings) {
  Notes notes;
  Family family(child, surroundings.run_id);
  const Find find = [&] { return family.find(); };
  if (group_stops(child, find, surroundings, notes)) {
    end_left_behind(child.name, find, child.stop.signal, surroundings.interrupt, notes);
  } else {
    kill_until_none(child.name, find, notes);
  }
  child.reap();
  reap_orphans(surroundings.children, surroundings.before);
  return notes;
}

Notes end_strays(const Surroundings& surroundings) {
  Notes notes;
  const Find find = [&] { return find_strays(surroundings.before); };
  end_left_behind("a service that was stopped before", find, SIGTERM, surroundings.interrupt,
                  notes);
  reap_orphans(surroundings.children, surroundings.before);
  return notes;
}

}  // namespace poolbench::process
