#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/raii.h"
#include "base/time.h"
#include "process/interrupt.h"

namespace poolbench::process {

/// One process as /proc/<pid>/stat shows it. A pid can be used again; pid and `start_ticks`
/// together name one process for ever.
struct ProcessStat {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t group = 0;
  char state = '?';               ///< R, S, D, T, Z, X … of proc(5)
  std::uint64_t cpu_ticks = 0;    ///< of CPU time, with that of the children it has waited for
  std::uint64_t start_ticks = 0;  ///< clock ticks from boot to its start
  /// It runs no more: a zombie, or about to vanish.
  [[nodiscard]] bool has_ended() const { return state == 'Z' || state == 'X' || state == 'x'; }
};

/// Nothing if there is no such process (or we may not see it).
std::optional<ProcessStat> read_stat(pid_t pid);

/// All processes we may see, zombies included, in one pass over /proc.
std::vector<ProcessStat> all_processes();

/// The environment a process was started with, entries "NAME=value" separated by '\0'. Empty if it
/// ended, may not be read, or wrote over it (as PostgreSQL's backends do to show a title).
std::string environment_of(pid_t pid);

/// The pid namespace that it lives in; empty if it ended or may not be looked into. A run inside a
/// container has pids of its own: from outside, its owner would seem dead.
std::string pid_namespace_of(pid_t pid);

/// The value of one name in such a text.
std::optional<std::string_view> find_variable(std::string_view environment, std::string_view name);

/// Inodes of the sockets that it has open. Nothing if it ended or may not be looked into.
std::optional<std::set<std::uint64_t>> sockets_of(pid_t pid);

/// The arguments joined by spaces, or the short name in brackets where there are none.
std::string command_line_of(pid_t pid);

/// A descriptor that means this process even after its pid is used again; readable once it ended.
base::UniqueFd pidfd_of(pid_t pid);

/// A pidfd of exactly this process; none if it has ended and been reaped.
base::UniqueFd open_pidfd(const ProcessStat& process);

/// Signals exactly this process; never another one that got its pid.
void send_signal(const ProcessStat& process, int signal);

/// Waits until every one of them has ended. False at the deadline, or at once when `interrupt` (may
/// be null) has counted two signals.
bool await_ends(std::span<const ProcessStat> processes, base::SteadyTime deadline,
                Interrupt* interrupt);

/// Children, grandchildren … of `root`, without itself, parents before their children; zombies
/// included, since their CPU time still counts. One pass over /proc; a process that starts or ends
/// meanwhile may or may not be there.
std::vector<pid_t> descendants(pid_t root);

}  // namespace poolbench::process
