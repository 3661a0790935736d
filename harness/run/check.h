#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "run/block_runner.h"
#include "run/runner.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// How a cell did that was started and asked, but got no load.
struct CheckedCell {
  std::string cell;                  ///< its id
  std::optional<Verified> verified;  ///< unset: it did not answer as it must
  report::Readiness ready;
  std::string failure;  ///< why, with the tail of a log; empty: nothing is wrong
  std::vector<std::string> warnings;
};

/// What a check found: every cell, in the order of the scenario.
struct CheckResult {
  std::vector<CheckedCell> cells;
  std::string postgres;               ///< report::postgres_text
  std::vector<std::string> warnings;  ///< of the run as a whole
};

/// Starts each cell once, verifies its answer and stops it, in the way of a run and with nobody
/// else running. Nothing is kept. Fails when nothing could be started, and on an interrupt. Of the
/// options those count that say how a run begins.
base::Result<CheckResult> check(const scenario::Scenario& scenario, const RunOptions& options,
                                const base::Clock& clock, process::Supervisor& supervisor,
                                Observer& observer);

/// The same in a folder that is there, with trials run by `blocks`.
base::Result<CheckResult> check_in(const RunFolder& folder, const scenario::Scenario& scenario,
                                   BlockRunner& blocks, Observer& observer);

}  // namespace poolbench::run
