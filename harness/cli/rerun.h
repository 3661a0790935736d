#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "cli/run_scenario.h"
#include "cli/scenario_options.h"
#include "compare/checkouts.h"

namespace poolbench::cli {

/// `poolbench diff --rerun BASE HEAD SCENARIO`: what is run, and where the results go.
struct Rerun {
  std::filesystem::path base, head;  ///< checkouts
  std::string scenario;              ///< below each of them
  ScenarioOptions changes;
  RunWords words;
  bool confirm = false;
};

/// Runs the scenario of both checkouts interleaved, every block with the cells of both in random
/// order, and compares head with base. With `confirm` the cells that changed run again in at least
/// ten fresh blocks, and only what both stages agree on stays a change. Ends the program when it is
/// interrupted.
base::Result<compare::Diff> rerun(const Rerun& request, const compare::DiffOptions& options);

}  // namespace poolbench::cli
