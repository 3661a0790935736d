#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "process/proc.h"

namespace poolbench::process {

/// A process of a run: it carries POOLBENCH_RUN_ID in its environment, or descends from one that
/// does and has written over its own (as PostgreSQL's backends do).
struct Marked {
  ProcessStat process;
  std::string run_id;
  std::string command_line;
};

/// All live processes of our pid namespace (that we may read) marked with a run id, except our own
/// ancestors and ourselves. With `run_id` set: only that run's.
std::vector<Marked> find_marked(const std::string& run_id = {});

/// What a sweep did.
struct Swept {
  std::vector<Marked> ended;
  std::vector<Marked> still_alive;  ///< could not be ended: another user's, most likely
};

/// Ends the marked processes whose run is lost: the poolbench that its run id names (by pid and
/// start time) is no longer alive. INT, TERM, KILL in turn with short waits; never by name or
/// image, nothing unmarked, and nothing of a live run or of an id that it cannot read. With
/// `run_id` set: only that run's.
Swept sweep_lost(const std::string& run_id = {});

}  // namespace poolbench::process
