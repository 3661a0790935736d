#include "run/runner.h"

#include <fmt/format.h>

#include "diff/within.h"
#include "probe/host_facts.h"
#include "run/database_stage.h"
#include "run/environment.h"
#include "run/generators.h"
#include "run/machine_lock.h"
#include "run/new_report.h"
#include "run/run_folder.h"
#include "run/trial.h"
#include "service/prepare.h"

namespace poolbench::run {
namespace {

/// After so many trials in a row that failed before they measured, a cell is not tried again.
constexpr int kPatience = 2;

class Runner {
 public:
  Runner(const scenario::Scenario& scenario, const Plan& plan, const base::Clock& clock,
         process::Supervisor& supervisor, Observer& observer, RunFolder folder)
      : scenario_(scenario),
        plan_(plan),
        clock_(clock),
        supervisor_(supervisor),
        observer_(observer),
        folder_(std::move(folder)),
        failures_in_a_row_(scenario.cells.size()) {
    report_ = new_report(scenario, plan, folder_.report_id(), clock);
  }

  base::Result<RunResult> run() {
    POOLBENCH_TRY(write());
    auto done = prepare();
    if (done) done = all_trials();
    close();
    report_.finished_at = base::rfc3339(clock_.utc_now());
    report_.outcome = done ? "completed" : outcome_of(done.error());
    if (!done) {
      report_.environment["failure"] = done.error().message;
      observer_.note(base::to_text(done.error()));
    }
    diff::compare_within(report_, scenario_);
    const auto written = write();
    if (!written) return tl::unexpected(written.error());
    RunResult result{std::move(report_), folder_.report_file(), std::nullopt};
    if (!done) result.failure = std::move(done.error());
    return result;
  }

 private:
  static std::string outcome_of(const base::Error& error) {
    return error.code == base::ErrorCode::kInterrupted ? "interrupted" : "failed";
  }

  base::Result<void> write() { return report::write_report(report_, folder_.report_file()); }

  base::Result<void> prepare() {
    report_.environment = probe::host_facts();
    report_.environment["warnings"] = probe::host_warnings(report_.environment);
    POOLBENCH_TRY(find_generators());
    for (const scenario::Cell& cell : scenario_.cells) {
      const scenario::TargetSpec& target = *cell.target.spec;
      if (prepared_.contains(target.folder)) continue;
      auto prepared = service::prepare_target(supervisor_, target, cache_folder(),
                                              [&](const auto& text) { observer_.note(text); });
      if (!prepared) return tl::unexpected(prepared.error());
      prepared_[target.folder] = std::move(*prepared);
    }
    return prepare_database();
  }

  base::Result<void> find_generators() {
    for (const std::string& cell : scenario_.skipped_cells) {
      const std::string text = cell + " is left out: its generator is not installed";
      observer_.note(text);
      report_.environment["warnings"].push_back(text);
    }
    auto tools = run::find_tools(supervisor_, scenario_, folder_.path());
    if (!tools) return tl::unexpected(tools.error());
    tools_ = std::move(*tools);
    return {};
  }

  base::Result<void> prepare_database() {
    const scenario::Cell& first = scenario_.cells.front();
    observer_.note("starting PostgreSQL and filling the template database");
    auto stage = DatabaseStage::create(supervisor_, first.postgres,
                                       {folder_.scratch(), cache_folder(),
                                        folder_.path() / "postgres.log", first.placement.postgres},
                                       folder_.short_id());
    if (!stage) return tl::unexpected(stage.error());
    database_ = std::move(*stage);
    // Before any database is made, since the server does not keep its settings meanwhile.
    POOLBENCH_TRY(describe_postgres(first));
    for (const scenario::Cell& cell : scenario_.cells) POOLBENCH_TRY(make_template(cell));
    database_->begin_trial_database(template_of(0));
    return describe_target(first);
  }

  base::Result<void> make_template(const scenario::Cell& cell) {
    const scenario::TargetSpec& target = *cell.target.spec;
    return database_->ensure_template(target, prepared_.at(target.folder),
                                      folder_.path() / "data.log");
  }

  base::Result<void> describe_postgres(const scenario::Cell& first) {
    auto postgres = postgres_facts(database_->session(), first.postgres);
    if (!postgres) return tl::unexpected(postgres.error());
    report_.environment["postgres"] = std::move(*postgres);
    return {};
  }

  base::Result<void> describe_target(const scenario::Cell& first) {
    const scenario::TargetSpec& target = *first.target.spec;
    auto facts = target_facts(supervisor_, target, prepared_.at(target.folder));
    if (!facts) return tl::unexpected(facts.error());
    report_.environment["target"] = std::move(*facts);
    describe_generators();
    return write();
  }

  void describe_generators() {
    const auto facts = generator_facts(scenario_, tools_);
    const bool one = facts.size() == 1;
    report_.environment["generator"] = one ? facts.front() : base::Json(nullptr);
    if (!one) report_.environment["generators"] = facts;
  }

  base::Result<void> all_trials() {
    for (std::size_t index = 0; index < plan_.trials.size(); ++index) {
      const PlannedTrial& planned = plan_.trials[index];
      if (failures_in_a_row_[planned.cell] < kPatience) POOLBENCH_TRY(one_trial(index));
      const bool last_of_block = planned.position + 1 == std::ssize(scenario_.cells);
      if (last_of_block) report_.design["blocks_completed"] = planned.block + 1;
    }
    return {};
  }

  base::Result<void> one_trial(std::size_t index) {
    const PlannedTrial& planned = plan_.trials[index];
    const scenario::Cell& cell = scenario_.cells[planned.cell];
    auto folder = folder_.make_trial_folder(planned.block, planned.position, cell.id);
    if (!folder) return tl::unexpected(folder.error());
    observer_.trial_started(index);
    POOLBENCH_TRY(database_->ensure_running(cell.postgres));
    const TrialStage stage{clock_,
                           supervisor_,
                           observer_,
                           *database_,
                           tools_,
                           template_of(index),
                           template_of(index + 1),
                           prepared_.at(cell.target.spec->folder),
                           *folder};
    TrialOutcome outcome = run_trial(stage, cell);
    outcome.trial.block = planned.block;
    outcome.trial.position = planned.position;
    outcome.trial.folder = folder->lexically_relative(folder_.path()).string();
    return keep(index, std::move(outcome));
  }

  /// The template database of a trial's target; empty past the last trial.
  [[nodiscard]] std::string template_of(std::size_t index) const {
    if (index >= plan_.trials.size()) return {};
    return database_->template_name(*scenario_.cells[plan_.trials[index].cell].target.spec);
  }

  base::Result<void> keep(std::size_t index, TrialOutcome outcome) {
    const std::size_t cell = plan_.trials[index].cell;
    const bool failed_early = outcome.trial.status == "failed" && !outcome.trial.measurement;
    failures_in_a_row_[cell] = failed_early ? failures_in_a_row_[cell] + 1 : 0;
    observer_.trial_finished(index, outcome.trial);
    report_.cells[cell].trials.push_back(std::move(outcome.trial));
    report::summarise(report_.cells[cell]);
    POOLBENCH_TRY(write());
    // A signal that came while the target was being stopped has interrupted nothing yet.
    if (outcome.interrupted || supervisor_.interrupt().poll() != 0) {
      return base::interrupted("interrupted");
    }
    return {};
  }

  void close() {
    std::vector<std::string> remarks;
    if (database_) remarks = database_->close();
    for (std::string& remark : supervisor_.stop_all()) remarks.push_back(std::move(remark));
    for (const std::string& remark : remarks) {
      observer_.note(remark);
      report_.environment["warnings"].push_back(remark);
    }
  }

  const scenario::Scenario& scenario_;
  const Plan& plan_;
  const base::Clock& clock_;
  process::Supervisor& supervisor_;
  Observer& observer_;
  RunFolder folder_;
  report::Report report_;
  std::map<std::filesystem::path, std::filesystem::path> prepared_;  ///< by the target's folder
  Tools tools_;
  std::optional<DatabaseStage> database_;
  std::vector<int> failures_in_a_row_;  ///< by cell
};

}  // namespace

base::Result<RunResult> run(const scenario::Scenario& scenario, const Plan& plan,
                            const std::filesystem::path& results, const base::Clock& clock,
                            process::Supervisor& supervisor, Observer& observer) {
  const auto lock = MachineLock::take(supervisor.run_id());
  if (!lock) return tl::unexpected(lock.error());
  auto folder = RunFolder::create(results, scenario.name, supervisor.run_id(), clock);
  if (!folder) return tl::unexpected(folder.error());
  return Runner(scenario, plan, clock, supervisor, observer, std::move(*folder)).run();
}

}  // namespace poolbench::run
