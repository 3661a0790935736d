#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/raii.h"
#include "base/result.h"
#include "process/command.h"

namespace poolbench::process {

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

/// The path of the executable file that `name` means: itself if it holds a '/' (made absolute),
/// else the first in `path` (folders separated by ':'). Empty if there is none.
std::string find_program(std::string_view name, std::string_view path);

/// The same with our own PATH.
std::string find_program(std::string_view name);

}  // namespace poolbench::process
