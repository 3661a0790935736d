#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/program.h"
#include "base/raii.h"
#include "base/result.h"
#include "base/time.h"

namespace poolbench::process {

/// Asks a process group to stop: `signal`, then `grace` of patience, then SIGKILL. The same signal
/// reaches the process if poolbench itself is killed.
struct StopPolicy {
  int signal = SIGTERM;
  base::Duration grace = std::chrono::seconds(5);
};

/// A program to start. Everything it prints goes to `log` (appended) unless `stdout_fd` is set.
struct Command {
  std::string name;                ///< for messages: "postgres", "target", "generator"
  std::vector<std::string> argv;   ///< argv[0] is looked up in the command's PATH unless it holds a
                                   ///< '/'; a relative path is relative to our folder
  std::vector<std::string> shown;  ///< the words as messages show them, since argv may hold
                                   ///< secrets; empty: argv
  base::Environment environment;   ///< all that it gets, beside the run's marks: nothing is
                                   ///< inherited that does not stand here
  std::string input;               ///< what it reads from stdin; empty: stdin is /dev/null
  std::filesystem::path folder;    ///< working folder; empty: ours
  std::filesystem::path log;       ///< stdout and stderr; empty: /dev/null
  std::uint64_t max_log_bytes = std::uint64_t{64} << 20U;  ///< see log_too_large()
  int stdout_fd = -1;     ///< stdout goes here instead (the caller keeps ownership)
  std::string run_as;     ///< user to become when we are root (with its HOME, USER and LOGNAME);
                          ///< empty: stay
  std::vector<int> cpus;  ///< CPUs it may use; empty: all that we may use
  /// Its soft limit of open files is the hard one; else it is ours.
  bool raises_descriptor_limit = false;
  StopPolicy stop;
};

/// How a process ended.
struct Exit {
  int code = 0;    ///< exit status, if it was not a signal
  int signal = 0;  ///< the signal that ended it, or 0
  [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }
};

/// "SIGTERM"; "signal 64" where there is no name.
inline std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

/// "exit status 3", "killed by SIGKILL".
inline std::string to_text(const Exit& exit) {
  if (exit.signal != 0) return "killed by " + signal_name(exit.signal);
  return "exit status " + std::to_string(exit.code);
}

/// A user to become, looked up before the fork: afterwards neither /etc/passwd nor malloc is safe.
struct User {
  std::string name;
  std::string home;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// A command with everything resolved and opened, so that between fork and exec only system calls
/// remain.
struct LaunchPlan {
  std::string name;
  std::string program;                   ///< path of the executable
  std::vector<std::string> arguments;    ///< argv
  std::vector<std::string> environment;  ///< "NAME=value"
  std::string folder;                    ///< empty: stay
  base::UniqueFd input;                  ///< all three are above 2, so that dup2 cannot collide
  base::UniqueFd output;
  base::UniqueFd errors;
  std::optional<User> user;
  std::optional<cpu_set_t> cpus;
  std::optional<rlimit> descriptors;  ///< to set
  int death_signal = 0;               ///< what it gets when we die
};

/// `marks` are added to the environment last. kBadInput when the program, the user, a CPU or the
/// log's folder does not exist; the message names it.
base::Result<LaunchPlan> plan_launch(const Command& command, const base::Environment& marks);

/// A process that has reached its program: exec succeeded.
struct Launched {
  pid_t pid = 0;
  base::UniqueFd pidfd;
};

/// Forks, prepares the child and executes the program. Call it from the main thread only: the death
/// signal is tied to the thread that forks. kBadInput, naming the program and the step, when the
/// program cannot be run; nothing is left behind then.
base::Result<Launched> launch(const LaunchPlan& plan);

using base::find_program;

}  // namespace poolbench::process
