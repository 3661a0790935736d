#include "run/trial.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "run/generation.h"
#include "run/phases.h"
#include "run/validity.h"
#include "service/ready.h"
#include "service/target_service.h"

namespace poolbench::run {
namespace {

constexpr base::Duration kGeneratorStart = std::chrono::milliseconds(50);

/// A trial while it runs. After the first step that fails the others do nothing, but stop() does.
class RunningTrial {
 public:
  RunningTrial(const TrialStage& stage, const TrialPlan& plan)
      : stage_(stage), plan_(plan), cell_(*plan.cell), phases_(stage.clock) {
    trial_.started_at = base::rfc3339(stage.clock.utc_now());
  }

  void start(const std::function<base::Result<std::string>()>& take_database) {
    step([&]() -> base::Result<void> {
      begin("start");
      auto database = take_database();
      if (!database) return tl::unexpected(database.error());
      database_ = std::move(*database);
      phases_.part("database");
      POOLBENCH_TRY(start_target());
      begin("verify");
      POOLBENCH_TRY(verify());
      phases_.end();
      return {};
    });
  }

  void begin_load(std::optional<load::Turn> turn) {
    step([&]() -> base::Result<void> {
      job_.turn = turn;
      begin("generator");
      generation_.emplace(stage_, cell_, phases_, target_->child(), trial_);
      return generation_->begin(job_, database_);
    });
  }

  void end_load() {
    step([&]() -> base::Result<void> {
      auto measurement = generation_->end();
      if (!measurement) return tl::unexpected(measurement.error());
      take(std::move(*measurement));
      disturbed_ = judge(trial_, cell_) == Validity::kDisturbed;
      if (trial_.status != "ok" && trial_.measurement->requests.failed() > 0) {
        trial_.reasons.front() += service::log_excerpt(plan_.folder / "target.log");
      }
      return {};
    });
  }

  /// Of what has gone wrong, the first counts.
  void fail(const base::Error& error) {
    if (!result_) return;
    const bool has_failed = generation_ && generation_->failure();
    result_ = tl::unexpected(has_failed ? *generation_->failure() : error);
  }

  /// The second time it does nothing.
  void stop() {
    if (std::exchange(is_stopped_, true)) return;
    begin("stop");
    // A generator that outlives a failed trial would load, and end in, the next one.
    if (generation_) {
      keep_remarks(generation_->stop());
      phases_.part("generator");
    }
    if (target_) {
      keep_remarks(target_->stop());
      phases_.part("target");
    }
    phases_.end();
  }

  TrialOutcome outcome() {
    trial_.phases = phases_.list();
    if (result_) {
      trial_.overhead_seconds = overhead_seconds(trial_.phases);
    } else {
      trial_.status = is_interrupted() ? "interrupted" : "failed";
      trial_.reasons.push_back(result_.error().message);
    }
    return {std::move(trial_), is_interrupted(), disturbed_};
  }

  [[nodiscard]] bool goes_on() const { return result_.has_value(); }
  [[nodiscard]] bool is_interrupted() const {
    return !result_ && result_.error().code == base::ErrorCode::kInterrupted;
  }
  /// Somebody has seen its target end.
  [[nodiscard]] bool has_died() const { return target_ && !process::is_alive(target_->child()); }
  [[nodiscard]] const base::Error& error() const { return result_.error(); }
  [[nodiscard]] Generation& generation() { return *generation_; }

 private:
  template <typename Step>
  void step(Step steps) {
    if (result_) result_ = steps();
  }

  void begin(const std::string& phase) {
    phases_.begin(phase);
    stage_.observer.phase_started(phase);
  }

  base::Result<void> start_target() {
    auto started =
        service::TargetService::start(stage_.supervisor, cell_.target,
                                      {plan_.prepared, stage_.databases.environment(database_),
                                       plan_.folder / "target.log", cell_.placement.target});
    if (!started) return tl::unexpected(started.error());
    target_ = std::move(*started);
    POOLBENCH_TRY(target_->wait_until_it_answers());
    phases_.part("boot");
    POOLBENCH_TRY(target_->wait_until_every_worker_answers());
    phases_.part("workers");
    return {};
  }

  base::Result<void> verify() {
    const auto answer = target_->verify();
    if (!answer) return tl::unexpected(answer.error());
    const auto& endpoint = cell_.target.spec->endpoints.at(cell_.target.endpoint);
    job_.url.endpoint = target_->endpoint();
    job_.url.target = endpoint.path;
    job_.settings = cell_.load;
    job_.expect_status = endpoint.expect.status;
    job_.expect_contains = endpoint.expect.contains;
    job_.expect_length = endpoint.expect.length;
    if (endpoint.expect.json || endpoint.expect.body) job_.expect_body = answer->body;
    job_.folder = plan_.folder;
    job_.cpus = cell_.placement.generator;
    return {};
  }

  void take(report::Measurement measurement) {
    const auto worked_on = static_cast<double>(measurement.requests.worked_on());
    if (trial_.database.sessions_opened && worked_on > 0) {
      trial_.database.sessions_per_request =
          static_cast<double>(*trial_.database.sessions_opened) / worked_on;
    }
    trial_.cpu_seconds.generator = measurement.generator_cpu_seconds;
    if (measurement.generator_peak_rss_bytes) {
      trial_.peak_rss_bytes.generator = static_cast<double>(*measurement.generator_peak_rss_bytes);
    }
    trial_.measurement = std::move(measurement);
  }

  void keep_remarks(std::vector<std::string> remarks) {
    std::ranges::move(remarks, std::back_inserter(trial_.warnings));
  }

  const TrialStage& stage_;
  const TrialPlan& plan_;
  const scenario::Cell& cell_;
  Phases phases_;
  report::Trial trial_;
  base::Result<void> result_;
  std::optional<service::TargetService> target_;
  std::string database_;
  load::Job job_;
  std::optional<Generation> generation_;
  bool disturbed_ = false;
  bool is_stopped_ = false;
};

/// Trials that run at once, step by step. One that fails is stopped there, so that it disturbs the
/// others no longer.
class Together {
 public:
  Together(const TrialStage& stage, const std::vector<TrialPlan>& plans)
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
    POOLBENCH_TRY(stage_.databases.session().checkpoint());
    if (stage_.databases.server()) POOLBENCH_TRY(stage_.databases.session().set_fsync(true));
    return databases;
  }

  void load() {
    const auto count = static_cast<int>(trials_.size());
    const auto start = stage_.clock.steady_now() + count * kGeneratorStart;
    std::vector<Generation*> generations;
    for (int index = 0; index < count; ++index) {
      RunningTrial& trial = *trials_[static_cast<std::size_t>(index)];
      std::optional<load::Turn> turn;
      const auto& slice = plans_[static_cast<std::size_t>(index)].cell->load.slice;
      if (slice) turn = load::Turn{start, *slice, index, count};
      trial.begin_load(turn);
      if (trial.goes_on()) {
        generations.push_back(&trial.generation());
      } else {
        trial.stop();
      }
    }
    if (const auto followed = Generation::follow(stage_.supervisor, generations); !followed) {
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
  return Together(stage, plans).run();
}

}  // namespace poolbench::run
