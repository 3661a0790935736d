#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "load/job.h"
#include "report/validity.h"
#include "run/block_runner.h"
#include "run/monitor.h"
#include "run/trial_services.h"
#include "scenario/scenario.h"
#include "service/target_service.h"

namespace poolbench::run {

class LoadRun;
class TrialMetrics;
class Setup;

/// Judges a finished trial of the cell by the rules of report/validity.h.
report::Disturbance judge(report::Trial& trial, const scenario::Cell& cell);

/// A trial while it runs. After the first step that fails the others do nothing, but stop() does.
class Trial {
 public:
  /// Both outlive it.
  Trial(Setup& setup, const TrialSpec& spec);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  /// Its start begins: its database is made.
  void begin() { phases_.begin("start"); }
  /// Starts its services and the target on that database, and verifies its answer.
  void start(const base::Result<std::string>& database);
  /// Fails it if somebody has seen its target, or a service, end since then.
  void look();
  /// Starts the generator.
  void begin_load(std::optional<generator::Turn> turn);
  /// Takes what was measured.
  void end_load();
  /// Instead of these two: its answer is all that was wanted.
  void end_without_load();
  /// Of what has gone wrong, the first counts.
  void fail(const base::Error& error);
  /// The second time it does nothing.
  void stop();
  TrialOutcome outcome();

  [[nodiscard]] bool goes_on() const { return result_.has_value(); }
  [[nodiscard]] bool is_interrupted() const;
  [[nodiscard]] const base::Error& error() const { return result_.error(); }
  [[nodiscard]] LoadRun& load_run() { return *load_run_; }

 private:
  template <typename Step>
  void step(Step steps) {
    if (result_) result_ = steps();
  }
  base::Result<void> start_services();
  base::Result<void> start_target();
  base::Result<void> verify();
  void watch_metrics();
  void take(report::Measurement measurement);
  void take_budget();
  void keep_remarks(std::vector<std::string> remarks);

  Setup& setup_;
  const TrialSpec& spec_;
  Phases phases_;
  report::Trial trial_;
  base::Result<void> result_;
  TrialServices services_;
  std::optional<service::TargetService> target_;
  std::string database_;
  std::string target_unseen_;  ///< why its processes are not those that answer; empty: they are
  std::optional<SessionEvidence> sessions_;
  std::optional<SessionFacts> session_facts_;
  load::Job job_;
  std::unique_ptr<TrialMetrics> metrics_;
  std::unique_ptr<LoadRun> load_run_;
  report::Disturbance disturbance_;
  Verified verified_;  ///< as far as it has got
  bool is_stopped_ = false;
};

}  // namespace poolbench::run
