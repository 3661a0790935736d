#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "report/report.h"

namespace poolbench::process {
class Supervisor;
}
namespace poolbench::scenario {
struct Scenario;
}

namespace poolbench::run {

class Observer;
struct BlockRunner;
class RunFolder;

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
  bool fresh_data = false;                 ///< makes data anew that an earlier run kept
  bool compact = false;                    ///< the finished report has no series
};

/// Runs the scenario's pilots and blocks, whose order the seed decides, and writes the report after
/// each trial. An error means that there is no report: nothing could be started or written.
/// Everything else, an interrupt too, is in the report's outcome.
base::Result<RunResult> run(const scenario::Scenario& scenario, const RunOptions& options,
                            const base::Clock& clock, process::Supervisor& supervisor,
                            Observer& observer);

/// The same in a folder that is there, with trials run by `blocks`.
base::Result<RunResult> run_in(const RunFolder& folder, const scenario::Scenario& scenario,
                               const RunOptions& options, const base::Clock& clock,
                               BlockRunner& blocks, Observer& observer);

}  // namespace poolbench::run
