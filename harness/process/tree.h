#pragma once

#include <sys/types.h>

#include <vector>

namespace poolbench::process {

/// Children, grandchildren … of `root`, without itself, parents before their children; zombies
/// included, since their CPU time still counts. One pass over /proc; a process that starts or ends
/// meanwhile may or may not be there.
std::vector<pid_t> descendants(pid_t root);

}  // namespace poolbench::process
