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
#include "run/monitor.h"
#include "service/declared_service.h"

namespace poolbench::load {
struct Tool;
}

namespace poolbench::run {

class TrialMetrics;
class Setup;

/// Whom the load reaches.
struct Loaded {
  process::Child* target = nullptr;  ///< null: its server ran already
  const std::vector<service::DeclaredService>& services;
};

/// The generator of one trial, from its start to its measurement: it begins the phases "warm-up"
/// and "measure", and takes evidence during the latter. The native generator does both in one
/// process, any other in one process each. Several may run at once; who waits for all of them tells
/// each what has happened, until it is_running() no more. Whatever goes wrong is told by end().
class LoadRun {
 public:
  /// All of them outlive it.
  LoadRun(Setup& setup, const scenario::Cell& cell, Phases& phases, const Loaded& loaded,
          TrialMetrics& metrics, report::Trial& trial)
      : setup_(setup),
        cell_(cell),
        phases_(phases),
        target_(loaded.target),
        services_(loaded.services),
        metrics_(metrics),
        trial_(trial) {}

  /// Starts the generator. `target_unseen` as in Monitor::Watched.
  base::Result<void> begin(const load::Job& job, const std::string& database,
                           const std::string& target_unseen);

  /// Neither failed, nor at the end of its output (native), nor of its last process (others).
  [[nodiscard]] bool is_running() const;
  /// When it wants to look() at the latest.
  [[nodiscard]] base::SteadyTime next_look() const;
  /// The native generator's output; -1 if there is none to wait for.
  [[nodiscard]] int pipe() const { return pipe_ ? pipe_.get() : -1; }
  [[nodiscard]] process::Child* generator() const { return generator_; }
  /// Those whose end under load fails the trial, but for PostgreSQL.
  [[nodiscard]] std::vector<process::Child*> loaded() const;

  /// A process has ended: of this trial, PostgreSQL's, or another's, which does not matter.
  void heed(const process::ChildExited& ended);
  /// There is something to read, from this one's pipe or another's.
  void take_output(int pipe);
  /// Takes a sample when it is due, and fails what takes too long. What has failed is stopped at
  /// once, its target, too, and disturbs the others no longer.
  void look();

  /// What was measured. Fails when the generator or the target ended early, when the target floods
  /// its log, and when the generator takes too long.
  base::Result<report::Measurement> end();
  /// Ends the generator if it is still running; returns what is worth telling.
  std::vector<std::string> stop();
  /// What has failed so far.
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }

 private:
  base::Result<void> begin_native();
  base::Result<report::Measurement> end_native();
  [[nodiscard]] base::Duration load_time() const;
  [[nodiscard]] std::optional<generator::Turns> turns() const;
  void plan_to_ask();
  void ask_for_metrics(base::SteadyTime now);

  base::Result<void> begin_stretch(const load::Stretch& stretch);
  base::Result<void> end_stretch();
  base::Result<void> begin_measured_stretch();
  base::Result<report::Measurement> end_tool();
  /// The tool's stdout, or what its report command prints.
  base::Result<std::string> tool_report();
  void add_tool_use(report::Measurement& measurement) const;

  void begin_measuring();
  void end_measuring();
  base::Result<void> start(const process::Command& command, base::Duration length);
  void fail(base::Error error) { failure_ = std::move(error); }
  void sample();
  void look_at_logs();
  void give_up();
  base::Result<void> await_exit();
  [[nodiscard]] std::string overdue_count() const;
  [[nodiscard]] std::string log_excerpt() const;

  Setup& setup_;
  const scenario::Cell& cell_;
  Phases& phases_;
  process::Child* target_;  ///< null: its server ran already
  const std::vector<service::DeclaredService>& services_;
  TrialMetrics& metrics_;
  report::Trial& trial_;
  load::Job job_;
  std::optional<Monitor> monitor_;
  base::SteadyTime ask_at_ = base::SteadyTime::max();  ///< for the metrics before the window
  std::optional<base::Error> failure_;
  process::Child* generator_ = nullptr;  ///< the supervisor owns it
  std::optional<process::Exit> exit_;    ///< of the generator
  base::SteadyTime deadline_;

  base::UniqueFd pipe_;  ///< the native generator's output, until its end
  load::NativeOutput native_;

  const load::Tool* tool_ = nullptr;  ///< null: the native generator
  load::Stretch stretch_;             ///< that the tool runs
  bool is_measured_ = false;          ///< that stretch
  base::SteadyTime stretch_began_;
  base::Duration wall_time_{};  ///< of the measured stretch
  std::uint64_t tool_rss_peak_ = 0;
  double tool_cpu_seconds_ = 0;
};

}  // namespace poolbench::run
