#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "process/process_table.h"

namespace poolbench::process {

/// What every child of a run carries in its environment.
inline constexpr std::string_view kRunIdVariable = "POOLBENCH_RUN_ID";
/// Which service of the run it is: "<name>-<number>".
inline constexpr std::string_view kServiceVariable = "POOLBENCH_SERVICE";

/// "20250708T123456Z-4711-987654": the time in UTC, and which process makes the run: its pid and
/// the clock ticks from boot to its start, which tell it from a later process of the same pid.
std::string make_run_id(const base::Clock& clock);

/// Whether the poolbench that made a run id still runs. kUnknown: no id that make_run_id makes.
enum class RunState { kAlive, kLost, kUnknown };
RunState state_of_run(std::string_view run_id);

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

/// Those of find_marked() whose run is lost: the poolbench that the run id names (by pid and start
/// time) is no longer alive.
std::vector<Marked> find_lost(const std::string& run_id = {});

/// What a sweep did.
struct Swept {
  std::vector<Marked> ended;
  std::vector<Marked> still_alive;  ///< could not be ended: another user's, most likely
};

/// Ends what find_lost() finds: INT, TERM, KILL in turn with short waits; never by name or image,
/// nothing unmarked, and nothing of a live run or of an id that it cannot read.
Swept sweep_lost(const std::string& run_id = {});

}  // namespace poolbench::process
