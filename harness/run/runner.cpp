#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/result.h"
#include "base/time.h"
#include "compare/within_report.h"
#include "run/attempts.h"
#include "run/machine_lock.h"
#include "run/new_report.h"
#include "run/pilots.h"
#include "run/plan.h"
#include "run/precision.h"
#include "run/setup.h"
#include "run/time_limit.h"
#include "service/postgres/external.h"

namespace poolbench::run {
namespace {

/// After so many trials in a row that failed before they measured, a cell is not tried again.
constexpr int kPatience = 2;

constexpr const char* kMaxTime = "max_time";

class Runner {
 public:
  Runner(const scenario::Scenario& scenario, const RunOptions& options, const base::Clock& clock,
         process::Supervisor& supervisor, Observer& observer, RunFolder folder)
      : scenario_(scenario),
        clock_(clock),
        supervisor_(supervisor),
        observer_(observer),
        folder_(std::move(folder)),
        setup_(scenario_, clock, supervisor, observer, folder_),
        schedule_(scenario_, options.seed, [this] { return half_width(); }),
        time_(clock, options.max_time),
        attempts_(report_.cells),
        failures_in_a_row_(scenario.cells.size()) {
    report_ = new_report(scenario, folder_.report_id(), clock);
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  base::Result<RunResult> run() {
    POOLBENCH_TRY(write());
    auto done = base::guarded([&]() -> base::Result<void> {
      POOLBENCH_TRY(setup_.prepare(report_.environment, scenario_.cells[schedule_.next()->cell]));
      POOLBENCH_TRY(write());
      return all_trials();
    });
    close();
    report_.finished_at = base::rfc3339(clock_.utc_now());
    report_.outcome = outcome_of(done);
    if (!done) report_.environment.failure = done.error().message;
    describe_design();
    compare::compare_within(report_, scenario_);
    const auto written = write();
    if (!written) return tl::unexpected(written.error());
    RunResult result{std::move(report_), folder_.report_file(), std::nullopt};
    if (!done) result.failure = std::move(done.error());
    return result;
  }

 private:
  [[nodiscard]] report::Outcome outcome_of(const base::Result<void>& done) const {
    if (done) {
      return schedule_.stopped() == kMaxTime ? report::Outcome::kOutOfTime
                                             : report::Outcome::kCompleted;
    }
    return done.error().code == base::ErrorCode::kInterrupted ? report::Outcome::kInterrupted
                                                              : report::Outcome::kFailed;
  }

  base::Result<void> write() {
    describe_design();
    return report::write_report(report_, folder_.report_file());
  }

  void describe_design() {
    report_.design = design_of(scenario_, schedule_, pilots_, time_.most());
  }

  /// Leaves no comparison in the report, which later trials would not bear out.
  std::optional<double> half_width() {
    compare::compare_within(report_, scenario_);
    const auto widest = widest_half_width(report_);
    report_.comparisons.clear();
    report_.hypotheses.clear();
    return widest;
  }

  base::Result<void> all_trials() {
    bool piloting = false;
    while (const auto planned = schedule_.next()) {
      if (piloting && !planned->pilot) freeze_warmup();
      piloting = planned->pilot;
      const auto trials = is_sliced() && !piloting ? schedule_.rest_of_block()
                                                   : std::vector<PlannedTrial>{*planned};
      if (!time_.allows(estimate_of(trials))) {
        leave_out_the_rest();
        break;
      }
      const auto began = clock_.steady_now();
      auto outcomes = run_together(trials);
      if (!outcomes) return tl::unexpected(outcomes.error());
      time_.took(clock_.steady_now() - began, estimate_of(trials));
      const bool interrupted = keep_all(trials, std::move(*outcomes));
      POOLBENCH_TRY(write());
      // A signal that came while the target was being stopped has interrupted no trial.
      if (interrupted || supervisor_.interrupt().poll() != 0) {
        return base::interrupted("interrupted");
      }
    }
    return {};
  }

  /// Whether one of them was interrupted.
  bool keep_all(const std::vector<PlannedTrial>& trials, std::vector<TrialOutcome> outcomes) {
    bool interrupted = false;
    Disturbance worst;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      interrupted = interrupted || outcomes[i].interrupted;
      worst = std::max(worst, outcomes[i].disturbance);
      keep(trials[i], std::move(outcomes[i].trial));
    }
    if (interrupted) return true;
    if (!trials.front().pilot) attempts_.ended(trials, worst);
    schedule_.finished(static_cast<bool>(worst), trials.size());
    return false;
  }

  [[nodiscard]] scenario::Cell cell_of(const PlannedTrial& planned) const {
    const scenario::Cell& cell = scenario_.cells[planned.cell];
    return planned.pilot ? pilot_of(cell) : cell;
  }

  [[nodiscard]] base::Duration estimate_of(const std::vector<PlannedTrial>& trials) const {
    base::Duration time{};
    for (const PlannedTrial& planned : trials) time += estimate(cell_of(planned));
    return time;
  }

  void leave_out_the_rest() {
    const std::string text =
        fmt::format("the time is up (--max-time {}): {} more trials were planned and are left out",
                    base::format_duration(*time_.most()), schedule_.outlook().left);
    schedule_.end(kMaxTime);
    observer_.note(text);
    report_.environment.warnings.push_back(text);
  }

  base::Result<std::vector<TrialOutcome>> run_together(const std::vector<PlannedTrial>& trials) {
    std::vector<scenario::Cell> cells;
    for (const PlannedTrial& planned : trials) cells.push_back(cell_of(planned));
    std::vector<Setup::Task> tasks;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      auto folder = folder_.make_trial_folder(trials[i], cells[i].id);
      if (!folder) return tl::unexpected(folder.error());
      tasks.push_back({&cells[i], std::move(*folder)});
      observer_.trial_started(trials[i], cells[i], outlook());
    }
    auto outcomes = setup_.run(tasks, cells_after(trials.front()));
    if (!outcomes) return outcomes;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      report::Trial& trial = (*outcomes)[i].trial;
      trial.block = trials[i].block;
      trial.position = trials[i].position;
      trial.attempt = trials[i].attempt;
      trial.folder = tasks[i].folder.lexically_relative(folder_.path()).string();
      observer_.trial_finished(trial);
    }
    return outcomes;
  }

  [[nodiscard]] Outlook outlook() const {
    Outlook outlook = schedule_.outlook();
    outlook.time = std::min(outlook.time, time_.left().value_or(outlook.time));
    return outlook;
  }

  [[nodiscard]] bool is_sliced() const { return scenario_.design.slice.has_value(); }

  /// What will probably run after these.
  [[nodiscard]] std::vector<const scenario::Cell*> cells_after(const PlannedTrial& first) const {
    std::vector<const scenario::Cell*> cells;
    if (is_sliced() && !first.pilot) {
      for (const std::size_t cell : schedule_.block_after()) {
        cells.push_back(&scenario_.cells[cell]);
      }
    } else if (const auto after = schedule_.cell_after()) {
      cells.push_back(&scenario_.cells[*after]);
    }
    return cells;
  }

  void keep(const PlannedTrial& planned, report::Trial trial) {
    if (planned.pilot) {
      pilots_.add(scenario_.cells[planned.cell], trial);
      return;
    }
    const bool failed_early = trial.status == report::TrialStatus::kFailed && !trial.measurement;
    int& failures = failures_in_a_row_[planned.cell];
    failures = failed_early ? failures + 1 : 0;
    if (failures == kPatience) schedule_.leave_out(planned.cell);
    report_.cells[planned.cell].trials.push_back(std::move(trial));
    report::summarise(report_.cells[planned.cell]);
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
      const std::string text = fmt::format(
          "{} was not steady within 5 s of its pilot: set load.warmup if it needs longer", cell);
      observer_.note(text);
      report_.environment.warnings.push_back(text);
    }
  }

  void close() {
    for (const std::string& remark : setup_.close()) {
      observer_.note(remark);
      report_.environment.warnings.push_back(remark);
    }
  }

  scenario::Scenario scenario_;  ///< whose warm-ups the pilots decide
  const base::Clock& clock_;
  process::Supervisor& supervisor_;
  Observer& observer_;
  RunFolder folder_;
  Setup setup_;
  Schedule schedule_;
  Pilots pilots_;
  TimeLimit time_;
  report::Report report_;
  Attempts attempts_;
  std::vector<int> failures_in_a_row_;  ///< by cell
};

}  // namespace

base::Result<RunResult> run(const scenario::Scenario& scenario, const RunOptions& options,
                            const base::Clock& clock, process::Supervisor& supervisor,
                            Observer& observer) {
  POOLBENCH_TRY(service::check_addresses(scenario));
  const auto lock =
      MachineLock::take(supervisor.run_id(), options.wait, clock, supervisor.interrupt(), observer);
  if (!lock) return tl::unexpected(lock.error());
  auto folder = RunFolder::create(options.results, scenario.name, supervisor.run_id(), clock);
  if (!folder) return tl::unexpected(folder.error());
  return Runner(scenario, options, clock, supervisor, observer, std::move(*folder)).run();
}

}  // namespace poolbench::run
