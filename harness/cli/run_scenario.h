#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "base/result.h"
#include "process/interrupt.h"
#include "run/runner.h"
#include "scenario/scenario.h"

namespace poolbench::run {
struct CheckResult;
}

namespace poolbench::cli {

/// How a scenario is run: --out, --max-time, --wait and --verbose.
struct RunWords {
  std::string results = "results/runs";
  std::string max_time, wait;  ///< durations; empty: no limit, no waiting
  bool verbose = false;

  /// Returns the names of its options.
  std::vector<std::string> add_to(CLI::App& command);
};

/// Runs a scenario, with its progress on stderr and the results in a folder of its own.
base::Result<run::RunResult> run_scenario(process::Interrupt& interrupt,
                                          const scenario::Scenario& scenario,
                                          const RunWords& words);

/// Starts every cell once and verifies its answer; of the words only --wait and --verbose count.
base::Result<run::CheckResult> check_scenario(process::Interrupt& interrupt,
                                              const scenario::Scenario& scenario,
                                              const RunWords& words);

}  // namespace poolbench::cli
