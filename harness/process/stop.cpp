#include "process/stop.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>

#include "base/units.h"
#include "process/descendants.h"
#include "process/proc.h"

namespace poolbench::process {
namespace {

using base::SteadyTime;
using Find = std::function<std::vector<ProcessStat>()>;
using Notes = std::vector<std::string>;

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
