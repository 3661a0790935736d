#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
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

/// Runs the scenario's pilots and blocks, whose order the seed decides, and writes the report after
/// each trial. An error means that there is no report: nothing could be started or written.
/// Everything else, an interrupt too, is in the report's outcome.
base::Result<RunResult> run(const scenario::Scenario& scenario, std::uint64_t seed,
                            const std::filesystem::path& results, const base::Clock& clock,
                            process::Supervisor& supervisor, Observer& observer);

}  // namespace poolbench::run
