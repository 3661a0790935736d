#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
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

}  // namespace poolbench::process
