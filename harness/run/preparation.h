#pragma once

#include <filesystem>

#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/prepare.h"

// What targets and services need is made once and kept.

namespace poolbench::run {

class Observer;
class RunFolder;

/// The prepared folder of a target or service, made if it is not there.
base::Result<std::filesystem::path> prepare_once(const scenario::ProgramSpec& program,
                                                 const service::Cache& cache,
                                                 process::Supervisor& supervisor,
                                                 Observer& observer);

/// With design.skip_missing_targets: the scenario without the cells whose targets say that
/// something they need is not installed; each of those is among `skipped_cells`. Fails where none
/// is left.
base::Result<scenario::Scenario> without_missing_targets(scenario::Scenario scenario,
                                                         const RunFolder& folder,
                                                         process::Supervisor& supervisor,
                                                         Observer& observer);

}  // namespace poolbench::run
