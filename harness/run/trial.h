#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/database_stage.h"
#include "run/generators.h"
#include "run/observer.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// What a trial needs, made ready by the Runner.
struct TrialStage {
  const base::Clock& clock;
  process::Supervisor& supervisor;
  Observer& observer;
  DatabaseStage& databases;
  const Tools& tools;
  std::string template_database;       ///< this trial's
  std::string next_template_database;  ///< the next trial's; empty after the last one
  std::filesystem::path prepared;      ///< the target's prepared folder
  std::filesystem::path folder;        ///< for this trial's logs
};

/// How a trial ended, beside what it measured.
struct TrialOutcome {
  report::Trial trial;
  bool interrupted = false;
  bool disturbed = false;  ///< invalid, and only because of the machine
};

/// One cell, once: start, verify, warm-up, measure, stop. Whatever goes wrong is in the trial
/// (status and reasons); nothing of it is left running.
TrialOutcome run_trial(const TrialStage& stage, const scenario::Cell& cell);

}  // namespace poolbench::run
