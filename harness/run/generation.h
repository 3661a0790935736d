#pragma once

#include <optional>
#include <string>
#include <vector>

#include "load/external/installation.h"
#include "load/job.h"
#include "load/native_driver.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/evidence.h"
#include "run/phases.h"
#include "run/trial.h"

namespace poolbench::run {

/// The generator of one trial, from its start to its measurement: it begins the phases "warm-up"
/// and "measure", and takes evidence during the latter.
class Generation {
 public:
  /// All of them outlive the generation.
  Generation(const TrialStage& stage, const scenario::Cell& cell, Phases& phases,
             const process::Child& target, report::Trial& trial)
      : stage_(stage), cell_(cell), phases_(phases), target_(target), trial_(trial) {}

  /// Runs the cell's generator to its end. Fails when the generator or the target ends early, when
  /// the target floods its log, when the generator takes too long, and on an interrupt.
  base::Result<report::Measurement> run(const load::Job& job, const std::string& database);

  /// Ends the generator if it is still running; returns what is worth telling.
  std::vector<std::string> stop();

 private:
  base::Result<report::Measurement> run_native(const load::Job& job);
  base::Result<report::Measurement> run_tool(const load::Tool& tool, const load::Job& job);
  base::Result<base::Duration> run_stretch(const load::Tool& tool, const load::Job& job,
                                           const load::Stretch& stretch);
  /// The tool's stdout, or what its report command prints.
  base::Result<std::string> tool_report(const load::Tool& tool, const load::Job& job);
  void add_tool_use(report::Measurement& measurement, base::Duration wall_time) const;

  void begin_measuring();
  void end_measuring();
  base::Result<void> start(const process::Command& command, base::Duration length);
  /// Until the generator has ended or, given a pipe, closed its end of it.
  base::Result<void> follow(int pipe);
  base::Result<void> heed(const process::WaitOutcome& outcome);
  base::Result<void> sample();
  /// False at the end of the output.
  bool take_native(int pipe);
  base::Result<void> await_exit();
  [[nodiscard]] std::string log_excerpt() const;

  const TrialStage& stage_;
  const scenario::Cell& cell_;
  Phases& phases_;
  const process::Child& target_;
  report::Trial& trial_;
  std::optional<Evidence> evidence_;
  load::NativeOutput native_;
  process::Child* generator_ = nullptr;  ///< the supervisor owns it
  std::optional<process::Exit> exit_;    ///< of the generator
  base::SteadyTime deadline_;
  std::uint64_t tool_rss_peak_ = 0;
  double tool_cpu_seconds_ = 0;
};

}  // namespace poolbench::run
