#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

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

}  // namespace poolbench::process
