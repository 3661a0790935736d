#pragma once

#include <filesystem>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/observer.h"
#include "run/plan.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// A finished, interrupted or failed run that has a report.
struct RunResult {
  report::Report report;
  std::filesystem::path file;          ///< of the report
  std::optional<base::Error> failure;  ///< why the outcome is not "completed"
};

/// Runs all trials of the plan and writes the report after each of them. An error means that there
/// is no report: nothing could be started or written. Everything else, an interrupt too, is in the
/// report's outcome.
base::Result<RunResult> run(const scenario::Scenario& scenario, const Plan& plan,
                            const std::filesystem::path& results, const base::Clock& clock,
                            process::Supervisor& supervisor, Observer& observer);

}  // namespace poolbench::run
