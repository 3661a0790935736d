#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/observer.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// A finished, interrupted or failed run that has a report.
struct RunResult {
  report::Report report;
  std::filesystem::path file;          ///< of the report
  std::optional<base::Error> failure;  ///< why the outcome is not "completed"
};

struct RunOptions {
  std::uint64_t seed = 0;
  std::filesystem::path results;           ///< where the run's folder is made
  std::optional<base::Duration> max_time;  ///< no trial begins that would probably not end in time
  std::optional<base::Duration> wait;      ///< so long for a run that goes on already; unset: not
};

/// Runs the scenario's pilots and blocks, whose order the seed decides, and writes the report after
/// each trial. An error means that there is no report: nothing could be started or written.
/// Everything else, an interrupt too, is in the report's outcome.
base::Result<RunResult> run(const scenario::Scenario& scenario, const RunOptions& options,
                            const base::Clock& clock, process::Supervisor& supervisor,
                            Observer& observer);

}  // namespace poolbench::run
