#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "report/report.h"
#include "report/validity.h"
#include "run/schedule.h"
#include "scenario/scenario.h"

// What a run is made of, seen from the order in which it goes: who does its blocks, and who is
// told.

namespace poolbench::process {
class Supervisor;
}

namespace poolbench::run {

class RunFolder;

/// Who is told what a run does, as it does it.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Something worth a line: what is being waited for, a warning.
  virtual void note(const std::string& text) = 0;
  /// A trial begins.
  virtual void trial_started(const TrialSpec& trial, const Outlook& outlook) = 0;
  virtual void phase_started(const std::string& phase) = 0;
  /// Several times a second while load is on.
  virtual void under_load() = 0;
  /// A trial has ended. Those that began together are told in the order in which they began.
  virtual void trial_finished(const report::Trial& trial) = 0;
};

/// The answer of an endpoint before the load.
struct VerifiedAnswer {
  std::string endpoint;
  std::string request;  ///< "POST /orders/17?t={token}": without the values that log-ins kept
  int status = 0;
  std::string body;
};

/// What a target did before its load.
struct Verified {
  double ready_seconds = 0;             ///< from the target's start until it counted as ready
  std::vector<VerifiedAnswer> answers;  ///< of each endpoint under load
};

/// How a trial ended, beside what it measured.
struct TrialOutcome {
  report::Trial trial;
  report::Disturbance
      disturbance{};  ///< by the machine, where nothing else is wrong with the trial
  std::optional<Verified> verified{};  ///< unset: it did not get so far
};

/// How trials that ran together ended, in the order in which they were given.
struct BlockOutcome {
  std::vector<TrialOutcome> trials;
  bool interrupted = false;  ///< by a signal, which may have come when the trials were over
};

/// Runs the trials of a run, those of a block that take turns together.
struct BlockRunner {
  virtual ~BlockRunner() = default;
  /// Makes everything ready, for the cell `first` first of all, and describes it in `environment`,
  /// which holds what was found out even when it fails.
  virtual base::Result<void> prepare(report::Environment& environment,
                                     const scenario::Cell& first) = 0;
  /// Runs each trial once, all at the same time, and begins what the cells `next` will need.
  /// Whatever goes wrong with a trial is in its outcome; fails when none can be run any more.
  virtual base::Result<BlockOutcome> run_block(std::vector<TrialSpec> trials,
                                               const std::vector<const scenario::Cell*>& next) = 0;
  /// Stops and removes everything; returns what is worth telling.
  virtual std::vector<std::string> close() = 0;
};

/// Runs them with processes of this machine. Everything it is given outlives it. With `fresh_data`
/// no data that an earlier run kept are used.
std::unique_ptr<BlockRunner> local_block_runner(const scenario::Scenario& scenario,
                                                const base::Clock& clock,
                                                process::Supervisor& supervisor, Observer& observer,
                                                const RunFolder& folder, bool fresh_data);

}  // namespace poolbench::run
