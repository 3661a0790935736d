#include "run/block_runner.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "process/run_command.h"
#include "run/load_run.h"
#include "run/setup.h"
#include "run/trial.h"

namespace poolbench::run {
namespace {

constexpr base::Duration kGeneratorStart = std::chrono::milliseconds(50);

/// Trials that run at once: start, verify, warm-up, measure, stop. All of them do each step before
/// the next one begins, and with load.slice they warm up and measure in turns. One that fails is
/// stopped there, so that it disturbs the others no longer; nothing of them is left running.
class Block {
 public:
  /// `next_templates` are those of the trials that come next; empty if none does, if another server
  /// is theirs, or if there are no databases.
  Block(Setup& setup, const std::vector<TrialSpec>& specs, std::vector<std::string> next_templates)
      : setup_(setup), specs_(specs), next_templates_(std::move(next_templates)) {
    for (const TrialSpec& spec : specs) trials_.push_back(std::make_unique<Trial>(setup, spec));
  }

  std::vector<TrialOutcome> run() {
    start();
    load();
    stop();
    std::vector<TrialOutcome> outcomes;
    for (const auto& trial : trials_) outcomes.push_back(trial->outcome());
    return outcomes;
  }

 private:
  void start() {
    std::optional<base::Result<std::vector<std::string>>> databases;
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      Trial& trial = *trials_[i];
      trial.begin();
      if (!databases) databases = take_databases();
      trial.start(databases->map([i](const auto& names) { return names[i]; }));
      if (trial.is_interrupted()) return fail_all(trial.error());
      for (std::size_t before = 0; before < i; ++before) trials_[before]->look();
      for (const auto& each : trials_) {
        if (!each->goes_on()) each->stop();
      }
    }
  }

  /// One for each trial. In a throw-away cluster without fsync, which copying a database's hundreds
  /// of files would spend most of its time in; from before the warm-up on, the server's own setting
  /// holds again.
  base::Result<std::vector<std::string>> take_databases() {
    if (setup_.databases() == nullptr) return std::vector<std::string>(specs_.size());
    service::Databases& databases = *setup_.databases();
    std::vector<std::string> templates;
    for (const TrialSpec& spec : specs_) templates.push_back(spec.template_database);
    auto names = databases.take_trial_databases(templates);
    POOLBENCH_TRY(names);
    POOLBENCH_TRY(databases.checkpoint());
    if (databases.server() != nullptr) POOLBENCH_TRY(databases.session().set_fsync(true));
    return names;
  }

  void load() {
    if (std::ranges::all_of(specs_, &TrialSpec::only_verified)) {
      for (const auto& trial : trials_) trial->end_without_load();
      return;
    }
    const auto count = static_cast<int>(trials_.size());
    const auto start = setup_.clock().steady_now() + count * kGeneratorStart;
    std::vector<LoadRun*> load_runs;
    for (int index = 0; index < count; ++index) {
      Trial& trial = *trials_[static_cast<std::size_t>(index)];
      const auto& slice = specs_[static_cast<std::size_t>(index)].cell.load.slice;
      trial.begin_load(slice ? std::optional(generator::Turn{start, *slice, index, count})
                             : std::nullopt);
      if (trial.goes_on()) {
        load_runs.push_back(&trial.load_run());
      } else {
        trial.stop();
      }
    }
    if (const auto followed = follow(load_runs); !followed) return fail_all(followed.error());
    for (const auto& trial : trials_) trial->end_load();
  }

  /// Follows the generators until each has ended or failed. Fails only on an interrupt.
  base::Result<void> follow(const std::vector<LoadRun*>& load_runs) {
    while (true) {
      std::vector<LoadRun*> running;
      std::ranges::copy_if(load_runs, std::back_inserter(running), &LoadRun::is_running);
      if (running.empty()) return {};
      const auto event = wait_for_event(running);
      if (std::holds_alternative<process::Interrupted>(event)) {
        return base::interrupted("interrupted under load");
      }
      for (LoadRun* each : running) {
        if (const auto* ended = std::get_if<process::ChildExited>(&event)) each->heed(*ended);
        if (const auto* ready = std::get_if<process::FdReady>(&event)) each->take_output(ready->fd);
        each->look();
      }
    }
  }

  /// Of these, or the end of PostgreSQL.
  process::WaitOutcome wait_for_event(const std::vector<LoadRun*>& running) {
    std::vector<int> pipes;
    std::vector<process::Child*> children;
    if (process::Child* server = setup_.database_server()) children.push_back(server);
    auto due = base::SteadyTime::max();
    for (const LoadRun* each : running) {
      if (each->pipe() >= 0) pipes.push_back(each->pipe());
      children.push_back(each->generator());
      std::ranges::move(each->loaded(), std::back_inserter(children));
      due = std::min(due, each->next_look());
    }
    return setup_.supervisor().wait(due, pipes, children);
  }

  void fail_all(const base::Error& error) {
    for (const auto& trial : trials_) trial->fail(error);
  }

  void stop() {
    prepare_next();
    for (const auto& trial : trials_) trial->stop();
  }

  /// The next databases are made while these targets stop. A failure shows there.
  void prepare_next() {
    if (next_templates_.empty()) return;
    service::Databases& databases = *setup_.databases();
    if (databases.server() != nullptr) static_cast<void>(databases.session().set_fsync(false));
    databases.begin_trial_databases(next_templates_);
  }

  Setup& setup_;
  const std::vector<TrialSpec>& specs_;
  std::vector<std::string> next_templates_;
  std::vector<std::unique_ptr<Trial>> trials_;
};

/// Runs blocks with processes of this machine.
class LocalBlockRunner final : public BlockRunner {
 public:
  LocalBlockRunner(const scenario::Scenario& scenario, const base::Clock& clock,
                   process::Supervisor& supervisor, Observer& observer, const RunFolder& folder,
                   bool fresh_data)
      : setup_(scenario, clock, supervisor, observer, folder, fresh_data) {}

  base::Result<void> prepare(report::Environment& environment,
                             const scenario::Cell& first) override {
    return setup_.prepare(environment, first);
  }

  base::Result<BlockOutcome> run_block(std::vector<TrialSpec> trials,
                                       const std::vector<const scenario::Cell*>& next) override {
    if (service::Databases* const databases = setup_.databases()) {
      POOLBENCH_TRY(databases->ensure_running(trials.front().cell.postgres));
    }
    for (TrialSpec& spec : trials) setup_.complete(spec);
    BlockOutcome outcome{Block(setup_, trials, next_templates(next)).run()};
    outcome.interrupted = setup_.supervisor().interrupt().poll() != 0;
    return outcome;
  }

  std::vector<std::string> close() override { return setup_.close(); }

 private:
  /// What the server that runs can make already.
  std::vector<std::string> next_templates(const std::vector<const scenario::Cell*>& next) {
    service::Databases* const databases = setup_.databases();
    const bool is_theirs =
        databases != nullptr && std::ranges::all_of(next, [&](const scenario::Cell* cell) {
          return databases->is_server_of(cell->postgres);
        });
    return is_theirs ? setup_.templates_of(next) : std::vector<std::string>{};
  }

  Setup setup_;
};

}  // namespace

std::unique_ptr<BlockRunner> local_block_runner(const scenario::Scenario& scenario,
                                                const base::Clock& clock,
                                                process::Supervisor& supervisor, Observer& observer,
                                                const RunFolder& folder, bool fresh_data) {
  return std::make_unique<LocalBlockRunner>(scenario, clock, supervisor, observer, folder,
                                            fresh_data);
}

}  // namespace poolbench::run
