#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "load/job.h"
#include "run/block.h"
#include "run/load_run.h"
#include "run/phases.h"
#include "run/session_evidence.h"
#include "service/target_service.h"

namespace poolbench::run {

/// A trial while it runs. After the first step that fails the others do nothing, but stop() does.
class RunningTrial {
 public:
  /// Both outlive it.
  RunningTrial(const TrialStage& stage, const TrialPlan& plan);

  /// Starts the target on the database and verifies its answer.
  void start(const std::function<base::Result<std::string>()>& take_database);
  /// Starts the native generator.
  void begin_load(std::optional<generator::Turn> turn);
  /// Takes what was measured; any other generator runs now.
  void end_load();
  /// Of what has gone wrong, the first counts.
  void fail(const base::Error& error);
  /// The second time it does nothing.
  void stop();
  TrialOutcome outcome();

  [[nodiscard]] bool goes_on() const { return result_.has_value(); }
  [[nodiscard]] bool is_interrupted() const;
  /// Somebody has seen its target end.
  [[nodiscard]] bool has_died() const;
  [[nodiscard]] const base::Error& error() const { return result_.error(); }
  [[nodiscard]] LoadRun& load_run() { return *load_run_; }

 private:
  template <typename Step>
  void step(Step steps) {
    if (result_) result_ = steps();
  }
  void begin(const std::string& phase);
  base::Result<void> start_target();
  base::Result<void> verify();
  void take(report::Measurement measurement);
  void keep_remarks(std::vector<std::string> remarks);

  const TrialStage& stage_;
  const TrialPlan& plan_;
  const scenario::Cell& cell_;
  Phases phases_;
  report::Trial trial_;
  base::Result<void> result_;
  std::optional<service::TargetService> target_;
  std::string database_;
  std::string target_unseen_;  ///< why its processes are not those that answer; empty: they are
  std::optional<SessionEvidence> sessions_;
  std::optional<SessionFacts> session_facts_;
  load::Job job_;
  std::optional<LoadRun> load_run_;
  Disturbance disturbance_;
  bool is_stopped_ = false;
};

}  // namespace poolbench::run
