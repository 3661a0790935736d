#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/result.h"
#include "base/time.h"
#include "compare/within_report.h"
#include "run/adaptation.h"
#include "run/block_runner.h"
#include "run/description.h"
#include "run/preparation.h"
#include "run/resources.h"
#include "service/postgres/external.h"
#include "service/running_server.h"

namespace poolbench::run {
namespace {

/// After so many trials in a row that failed before they measured, a cell is not tried again.
constexpr int kPatience = 2;

class Runner {
 public:
  Runner(const RunFolder& folder, const scenario::Scenario& scenario, const RunOptions& options,
         const base::Clock& clock, BlockRunner& blocks, Observer& observer)
      : folder_(folder),
        scenario_(scenario),
        options_(options),
        clock_(clock),
        blocks_(blocks),
        observer_(observer),
        schedule_(scenario_, options.seed),
        time_(clock, options.max_time),
        report_(new_report(scenario, folder_.report_id(), clock)),
        attempts_(report_.cells, report_.metrics),
        failures_in_a_row_(scenario.cells.size()) {}
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  base::Result<RunResult> run() {
    POOLBENCH_TRY(write());
    auto done = base::guarded([&]() -> base::Result<void> {
      POOLBENCH_TRY(blocks_.prepare(report_.environment, schedule_.next().front().cell));
      POOLBENCH_TRY(write());
      return run_all();
    });
    for (const std::string& remark : blocks_.close()) warn(remark);
    report_.finished_at = base::rfc3339(clock_.utc_now());
    report_.outcome = outcome_of(done);
    if (!done) report_.environment.failure = done.error().message;
    describe_design();
    compare::compare_within(report_, scenario_);
    if (options_.compact) report::make_compact(report_);
    POOLBENCH_TRY(write());
    RunResult result{std::move(report_), folder_.report_file(), std::nullopt};
    if (!done) result.failure = std::move(done.error());
    return result;
  }

 private:
  base::Result<void> run_all() {
    while (true) {
      const auto trials =
          schedule_.next(schedule_.needs_half_width() ? half_width() : std::nullopt);
      if (trials.empty()) return {};
      if (!time_.allows(estimate_of(trials))) {
        leave_out_the_rest();
        return {};
      }
      POOLBENCH_TRY(run_block(trials));
      if (trials.front().pilot && !schedule_.is_piloting()) freeze_warmup();
    }
  }

  base::Result<void> run_block(std::vector<TrialSpec> trials) {
    for (TrialSpec& spec : trials) {
      auto folder = folder_.make_trial_folder(spec);
      if (!folder) return tl::unexpected(folder.error());
      spec.folder = std::move(*folder);
      observer_.trial_started(spec, outlook());
    }
    const auto began = clock_.steady_now();
    auto outcome = blocks_.run_block(trials, cells_after());
    if (!outcome) return tl::unexpected(outcome.error());
    time_.took(clock_.steady_now() - began, estimate_of(trials));
    for (std::size_t i = 0; i < trials.size(); ++i) {
      report::Trial& trial = outcome->trials[i].trial;
      identify(trial, trials[i]);
      observer_.trial_finished(trial);
    }
    keep(trials, *outcome);
    POOLBENCH_TRY(write());
    if (outcome->interrupted) return base::interrupted("interrupted");
    return {};
  }

  void identify(report::Trial& trial, const TrialSpec& spec) const {
    trial.block = spec.block;
    trial.position = spec.position;
    trial.attempt = spec.attempt;
    trial.folder = spec.folder.lexically_relative(folder_.path()).string();
  }

  /// What ran together stays or runs again together.
  void keep(const std::vector<TrialSpec>& trials, BlockOutcome& outcome) {
    report::Disturbance worst;
    bool is_interrupted = false;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      TrialOutcome& each = outcome.trials[i];
      is_interrupted = is_interrupted || each.trial.status == report::TrialStatus::kInterrupted;
      worst = std::max(worst, each.disturbance);
      keep(trials[i], std::move(each.trial));
    }
    if (is_interrupted) return;
    if (!trials.front().pilot) attempts_.ended(trials, worst);
    schedule_.finished(static_cast<bool>(worst));
  }

  void keep(const TrialSpec& spec, report::Trial trial) {
    if (spec.pilot) {
      pilots_.add(spec.cell, trial);
      return;
    }
    const bool failed_early = trial.status == report::TrialStatus::kFailed && !trial.measurement;
    int& failures = failures_in_a_row_[spec.cell_index];
    failures = failed_early ? failures + 1 : 0;
    if (failures == kPatience) schedule_.leave_out(spec.cell_index);
    report::CellReport& cell = report_.cells[spec.cell_index];
    cell.trials.push_back(std::move(trial));
    report::summarise(cell, report_.metrics);
  }

  /// From the pilots to the first block.
  void freeze_warmup() {
    const base::Duration warmup = pilots_.warmup();
    for (scenario::Cell& cell : scenario_.cells) {
      if (cell.load.warmup_by_pilots) cell.load.warmup = warmup;
    }
    observer_.note(
        fmt::format("warm-up of every trial: {} (by the pilots)", base::format_duration(warmup)));
    for (const std::string& cell : pilots_.never_steady()) {
      warn(fmt::format(
          "{} was not steady within 5 s of its pilot: set load.warmup if it needs longer", cell));
    }
  }

  void leave_out_the_rest() {
    warn(fmt::format("the time is up (--max-time {}): {} more trials were planned and are left out",
                     base::format_duration(*time_.most()), schedule_.outlook().left));
    schedule_.end(report::Stopped::kMaxTime);
  }

  /// Leaves no comparison in the report, which later trials would not bear out.
  std::optional<double> half_width() {
    compare::compare_within(report_, scenario_);
    const auto widest = widest_half_width(report_);
    report_.comparisons.clear();
    report_.hypotheses.clear();
    return widest;
  }

  [[nodiscard]] Outlook outlook() const {
    Outlook outlook = schedule_.outlook();
    outlook.time = std::min(outlook.time, time_.left().value_or(outlook.time));
    return outlook;
  }

  [[nodiscard]] std::vector<const scenario::Cell*> cells_after() const {
    std::vector<const scenario::Cell*> cells;
    for (const std::size_t cell : schedule_.cells_after()) {
      cells.push_back(&scenario_.cells[cell]);
    }
    return cells;
  }

  static base::Duration estimate_of(const std::vector<TrialSpec>& trials) {
    base::Duration time{};
    for (const TrialSpec& spec : trials) time += estimate(spec.cell);
    return time;
  }

  [[nodiscard]] report::Outcome outcome_of(const base::Result<void>& done) const {
    using enum report::Outcome;
    if (done) return schedule_.stopped() == report::Stopped::kMaxTime ? kOutOfTime : kCompleted;
    return done.error().code == base::ErrorCode::kInterrupted ? kInterrupted : kFailed;
  }

  void warn(const std::string& text) {
    observer_.note(text);
    report_.environment.warnings.push_back(text);
  }

  void describe_design() {
    report_.design = design_of(scenario_, schedule_, pilots_, time_.most());
  }

  base::Result<void> write() {
    describe_design();
    return report::write_report(report_, folder_.report_file());
  }

  const RunFolder& folder_;
  scenario::Scenario scenario_;  ///< whose warm-ups the pilots decide
  const RunOptions& options_;
  const base::Clock& clock_;
  BlockRunner& blocks_;
  Observer& observer_;
  Schedule schedule_;
  Pilots pilots_;
  TimeLimit time_;
  report::Report report_;
  Attempts attempts_;
  std::vector<int> failures_in_a_row_;  ///< by cell
};

}  // namespace

base::Result<RunResult> run_in(const RunFolder& folder, const scenario::Scenario& scenario,
                               const RunOptions& options, const base::Clock& clock,
                               BlockRunner& blocks, Observer& observer) {
  return Runner(folder, scenario, options, clock, blocks, observer).run();
}

base::Result<RunResult> run(const scenario::Scenario& scenario, const RunOptions& options,
                            const base::Clock& clock, process::Supervisor& supervisor,
                            Observer& observer) {
  POOLBENCH_TRY(service::check_addresses(scenario));
  POOLBENCH_TRY(service::check_reach(scenario));
  const auto lock =
      MachineLock::take(supervisor.run_id(), options.wait, clock, supervisor.interrupt(), observer);
  if (!lock) return tl::unexpected(lock.error());
  const auto folder = RunFolder::create(options.results, scenario.name, supervisor.run_id(), clock);
  if (!folder) return tl::unexpected(folder.error());
  const auto chosen = without_missing_targets(scenario, *folder, supervisor, observer);
  if (!chosen) return tl::unexpected(chosen.error());
  const auto blocks =
      local_block_runner(*chosen, clock, supervisor, observer, *folder, options.fresh_data);
  return run_in(*folder, *chosen, options, clock, *blocks, observer);
}

}  // namespace poolbench::run
