#include "run/block.h"

#include <memory>
#include <optional>

#include "run/running_trial.h"

namespace poolbench::run {
namespace {

constexpr base::Duration kGeneratorStart = std::chrono::milliseconds(50);

/// Trials that run at once, step by step. One that fails is stopped there, so that it disturbs the
/// others no longer.
class Block {
 public:
  Block(const TrialStage& stage, const std::vector<TrialPlan>& plans)
      : stage_(stage), plans_(plans) {
    for (const TrialPlan& plan : plans) trials_.push_back(new_trial(plan));
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
  [[nodiscard]] std::unique_ptr<RunningTrial> new_trial(const TrialPlan& plan) const {
    return std::make_unique<RunningTrial>(stage_, plan);
  }

  void start() {
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      start(i);
      while (RunningTrial* dead = died_before(i)) {
        dead->fail(trials_[i]->error());
        dead->stop();
        trials_[i]->stop();
        trials_[i] = new_trial(plans_[i]);
        start(i);
      }
      if (trials_[i]->is_interrupted()) return fail_all(trials_[i]->error());
      if (!trials_[i]->goes_on()) trials_[i]->stop();
    }
  }

  /// The first trial to start takes the databases of all.
  void start(std::size_t i) {
    trials_[i]->start([&]() -> base::Result<std::string> {
      if (!databases_) databases_ = take_databases();
      if (!*databases_) return tl::unexpected(databases_->error());
      return (**databases_)[i];
    });
  }

  /// Whose end made this one fail, since whoever waits is told of every end.
  RunningTrial* died_before(std::size_t i) {
    if (trials_[i]->goes_on() || trials_[i]->is_interrupted()) return nullptr;
    for (std::size_t before = 0; before < i; ++before) {
      RunningTrial& trial = *trials_[before];
      if (trial.goes_on() && trial.has_died()) return &trial;
    }
    return nullptr;
  }

  /// In a throw-away cluster without fsync, which copying a database's hundreds of files would
  /// spend most of its time in; from before the warm-up on, the server's own setting holds again.
  base::Result<std::vector<std::string>> take_databases() {
    std::vector<std::string> templates;
    for (const TrialPlan& plan : plans_) templates.push_back(plan.template_database);
    auto databases = stage_.databases.take_trial_databases(templates);
    POOLBENCH_TRY(databases);
    POOLBENCH_TRY(stage_.databases.checkpoint());
    if (stage_.databases.server()) POOLBENCH_TRY(stage_.databases.session().set_fsync(true));
    return databases;
  }

  void load() {
    const auto count = static_cast<int>(trials_.size());
    const auto start = stage_.clock.steady_now() + count * kGeneratorStart;
    std::vector<LoadRun*> load_runs;
    for (int index = 0; index < count; ++index) {
      RunningTrial& trial = *trials_[static_cast<std::size_t>(index)];
      std::optional<generator::Turn> turn;
      const auto& slice = plans_[static_cast<std::size_t>(index)].cell->load.slice;
      if (slice) turn = generator::Turn{start, *slice, index, count};
      trial.begin_load(turn);
      if (trial.goes_on()) {
        load_runs.push_back(&trial.load_run());
      } else {
        trial.stop();
      }
    }
    if (const auto followed = LoadRun::follow(stage_.supervisor, load_runs); !followed) {
      return fail_all(followed.error());
    }
    for (const auto& trial : trials_) trial->end_load();
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
    if (stage_.next_templates.empty()) return;
    if (stage_.databases.server()) {
      static_cast<void>(stage_.databases.session().set_fsync(false));
    }
    stage_.databases.begin_trial_databases(stage_.next_templates);
  }

  const TrialStage& stage_;
  const std::vector<TrialPlan>& plans_;
  std::vector<std::unique_ptr<RunningTrial>> trials_;
  std::optional<base::Result<std::vector<std::string>>> databases_;
};

}  // namespace

std::vector<TrialOutcome> run_trials(const TrialStage& stage, const std::vector<TrialPlan>& plans) {
  return Block(stage, plans).run();
}

}  // namespace poolbench::run
