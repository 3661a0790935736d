#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/time.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/generators.h"
#include "run/observer.h"
#include "run/validity.h"
#include "scenario/scenario.h"
#include "service/postgres/databases.h"

namespace poolbench::run {

/// What trials need, made ready by the Setup.
struct TrialStage {
  const base::Clock& clock;
  process::Supervisor& supervisor;
  Observer& observer;
  service::Databases& databases;
  const Tools& tools;
  std::vector<std::string> next_templates;  ///< for the trials that come next; empty if none does
};

/// One trial to run.
struct TrialPlan {
  const scenario::Cell* cell = nullptr;
  std::string template_database;
  std::filesystem::path prepared;  ///< the target's prepared folder
  std::filesystem::path folder;    ///< for this trial's logs
};

/// How a trial ended, beside what it measured.
struct TrialOutcome {
  report::Trial trial;
  bool interrupted = false;
  Disturbance disturbance;  ///< by the machine, where nothing else is wrong with the trial
};

/// Each cell once: start, verify, warm-up, measure, stop. All of them do each step before the next
/// one begins, and with load.slice they warm up and measure in turns. Whatever goes wrong is in
/// their trials (status and reasons), in the same order; nothing of them is left running.
std::vector<TrialOutcome> run_trials(const TrialStage& stage, const std::vector<TrialPlan>& plans);

}  // namespace poolbench::run
