#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "base/unique_fd.h"
#include "process/launch_plan.h"

namespace poolbench::process {

/// A process that has reached its program: exec succeeded.
struct Launched {
  pid_t pid = 0;
  base::UniqueFd pidfd;
};

/// Forks, prepares the child and executes the program. Call it from the main thread only: the death
/// signal is tied to the thread that forks. kBadInput, naming the program and the step, when the
/// program cannot be run; nothing is left behind then.
base::Result<Launched> launch(const LaunchPlan& plan);

}  // namespace poolbench::process
