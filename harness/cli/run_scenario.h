#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compare/between_reports.h"
#include "process/interrupt.h"
#include "run/runner.h"
#include "scenario/scenario.h"

namespace poolbench::run {
struct CheckResult;
}

// What the commands that take a scenario share: its options, and how it is run.

namespace poolbench::cli {

/// The scenario file and the options that change it: --only, --quick, --set, --blocks, --measure
/// and --seed.
class ScenarioOptions {
 public:
  void add_to(CLI::App& command);
  /// Without the file and --only.
  void add_changes_to(CLI::App& command);

  /// Prints every mistake to stderr and returns nothing if there is any (exit code 2).
  [[nodiscard]] std::optional<scenario::Scenario> load() const;
  /// From this file, with these for --only; or every mistake.
  [[nodiscard]] tl::expected<scenario::Scenario, std::vector<scenario::Diagnostic>> read(
      const std::string& file, const std::vector<std::string>& only) const;

 private:
  std::string file_;
  scenario::Overrides overrides_;
  std::optional<int> blocks_;
  std::optional<std::string> measure_;
  std::optional<std::uint64_t> seed_;
};

/// How a scenario is run: --out, --max-time, --wait, --fresh-data, --compact and --verbose.
struct RunWords {
  std::string results = "results/runs";
  std::string max_time, wait;  ///< durations; empty: no limit, no waiting
  bool fresh_data = false;
  bool compact = false;
  bool verbose = false;

  /// Returns the names of its options.
  std::vector<std::string> add_to(CLI::App& command);
};

/// Runs a scenario, with its progress on stderr and the results in a folder of its own: the report,
/// and beside it its page.
base::Result<run::RunResult> run_scenario(process::Interrupt& interrupt,
                                          const scenario::Scenario& scenario,
                                          const RunWords& words);

/// Starts every cell once and verifies its answer; of the words only --wait and --verbose count.
base::Result<run::CheckResult> check_scenario(process::Interrupt& interrupt,
                                              const scenario::Scenario& scenario,
                                              const RunWords& words);

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
