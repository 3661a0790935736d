#pragma once

#include <string>

#include "base/result.h"
#include "process/interrupt.h"
#include "run/runner.h"
#include "scenario/scenario.h"

namespace poolbench::cli {

/// Runs a scenario, with its progress on stderr and the results in a folder below `results`.
base::Result<run::RunResult> run_scenario(process::Interrupt& interrupt,
                                          const scenario::Scenario& scenario,
                                          const std::string& results, bool verbose);

}  // namespace poolbench::cli
