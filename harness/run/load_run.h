#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/raii.h"
#include "load/external/driver.h"
#include "load/job.h"
#include "load/native_driver.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/block.h"
#include "run/monitor.h"
#include "run/phases.h"

namespace poolbench::run {

/// The generator of one trial, from its start to its measurement: it begins the phases "warm-up"
/// and "measure", and takes evidence during the latter. Native generators of several trials may run
/// at once and take turns; whatever goes wrong with one of them is told by its own end().
class LoadRun {
 public:
  /// All of them outlive the generation.
  LoadRun(const TrialStage& stage, const scenario::Cell& cell, Phases& phases,
          process::Child& target, report::Trial& trial)
      : stage_(stage), cell_(cell), phases_(phases), target_(target), trial_(trial) {}

  /// Starts the native generator; any other is started by end(). `target_unseen` as in Evidence.
  base::Result<void> begin(const load::Job& job, const std::string& database,
                           const std::string& target_unseen);
  /// Follows those that were begun until each has ended or failed; what failed is stopped at once,
  /// its target, too, and disturbs the others no longer. Fails only on an interrupt.
  static base::Result<void> follow(process::Supervisor& supervisor,
                                   const std::vector<LoadRun*>& load_runs);
  /// What was measured. Fails when the generator or the target ended early, when the target floods
  /// its log, when the generator takes too long, and on an interrupt.
  base::Result<report::Measurement> end();

  /// Ends the generator if it is still running; returns what is worth telling.
  std::vector<std::string> stop();
  /// What has failed so far.
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }

 private:
  [[nodiscard]] const load::Tool* tool() const;  ///< null: the native generator
  base::Result<void> begin_native();
  base::Result<report::Measurement> end_native();
  [[nodiscard]] base::Duration load_time() const;
  [[nodiscard]] std::optional<generator::Turns> turns() const;
  base::Result<report::Measurement> run_tool(const load::Tool& tool);
  base::Result<base::Duration> run_stretch(const load::Tool& tool, const load::Stretch& stretch);
  /// The tool's stdout, or what its report command prints.
  base::Result<std::string> tool_report(const load::Tool& tool);
  void add_tool_use(report::Measurement& measurement, base::Duration wall_time) const;

  void begin_measuring();
  void end_measuring();
  base::Result<void> start(const process::Command& command, base::Duration length);
  /// Neither failed, nor at the end of its output (native), nor of its process (others).
  [[nodiscard]] bool is_running() const;
  [[nodiscard]] base::SteadyTime next_look() const;
  [[nodiscard]] bool owns(const process::Child* child) const;
  void heed(const process::ChildExited& exited);
  void take_output();
  /// Takes a sample when it is due, and fails what takes too long.
  void look();
  void sample();
  void give_up();
  base::Result<void> await_exit();
  [[nodiscard]] std::string overdue_count() const;
  [[nodiscard]] std::string log_excerpt() const;

  const TrialStage& stage_;
  const scenario::Cell& cell_;
  Phases& phases_;
  process::Child& target_;
  report::Trial& trial_;
  load::Job job_;
  std::optional<Monitor> monitor_;
  std::optional<base::Error> failure_;
  base::UniqueFd pipe_;  ///< the native generator's output, until its end
  load::NativeOutput native_;
  process::Child* generator_ = nullptr;  ///< the supervisor owns it
  std::optional<process::Exit> exit_;    ///< of the generator
  base::SteadyTime deadline_;
  std::uint64_t tool_rss_peak_ = 0;
  double tool_cpu_seconds_ = 0;
};

}  // namespace poolbench::run
