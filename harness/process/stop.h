#pragma once

#include <set>
#include <string>
#include <vector>

#include "process/child.h"
#include "process/interrupt.h"

namespace poolbench::process {

/// What ending a child may need to know of the rest.
struct Surroundings {
  const Children& children;       ///< all of them: a second interrupt kills every group
  const std::set<pid_t>& before;  ///< pids that lived when supervision began; never touched
  const std::string& run_id;
  Interrupt& interrupt;
};

/// Supervisor::stop() for one child: its signal to the group, the grace, SIGKILL to all of its
/// family, until none is left; then the child is reaped. Returns what is worth telling.
std::vector<std::string> end_child(Child& child, const Surroundings& surroundings);

/// Ends what descends from us and belongs to no child any more.
std::vector<std::string> end_strays(const Surroundings& surroundings);

}  // namespace poolbench::process
