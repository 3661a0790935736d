#include "run/trial.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "run/generation.h"
#include "run/phases.h"
#include "run/validity.h"
#include "service/ready.h"
#include "service/target_service.h"

namespace poolbench::run {
namespace {

/// The trial while it runs: each step returns an error or goes on.
class RunningTrial {
 public:
  RunningTrial(const TrialStage& stage, const scenario::Cell& cell)
      : stage_(stage), cell_(cell), phases_(stage.clock) {
    trial_.started_at = base::rfc3339(stage.clock.utc_now());
  }

  TrialOutcome run() {
    const auto result = steps();
    stop();
    phases_.end();
    trial_.phases = phases_.list();
    bool interrupted = false;
    if (!result) {
      interrupted = result.error().code == base::ErrorCode::kInterrupted;
      trial_.status = interrupted ? "interrupted" : "failed";
      trial_.reasons.push_back(result.error().message);
    } else {
      trial_.overhead_seconds = overhead_seconds(trial_.phases);
    }
    return {std::move(trial_), interrupted, disturbed_};
  }

 private:
  base::Result<void> steps() {
    begin("start");
    POOLBENCH_TRY(take_database());
    POOLBENCH_TRY(start_target());
    begin("verify");
    POOLBENCH_TRY(verify());
    POOLBENCH_TRY(load());
    return {};
  }

  void begin(const std::string& phase) {
    phases_.begin(phase);
    stage_.observer.phase_started(phase);
  }

  /// In a throw-away cluster without fsync, which copying a database's hundreds of files would
  /// spend most of its time in; from before the warm-up on, the server's own setting holds again.
  base::Result<void> take_database() {
    auto database = stage_.databases.take_trial_database(stage_.template_database);
    if (!database) return tl::unexpected(database.error());
    database_ = std::move(*database);
    POOLBENCH_TRY(session().checkpoint());
    if (stage_.databases.server()) POOLBENCH_TRY(session().set_fsync(true));
    phases_.part("database");
    return {};
  }

  base::Result<void> start_target() {
    auto started =
        service::TargetService::start(stage_.supervisor, cell_.target,
                                      {stage_.prepared, stage_.databases.environment(database_),
                                       stage_.folder / "target.log", cell_.placement.target});
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
    job_.folder = stage_.folder;
    job_.cpus = cell_.placement.generator;
    return {};
  }

  base::Result<void> load() {
    generation_.emplace(stage_, cell_, phases_, target_->child(), trial_);
    auto measurement = generation_->run(job_, database_);
    if (!measurement) return tl::unexpected(measurement.error());
    take(std::move(*measurement));
    disturbed_ = judge(trial_, cell_) == Validity::kDisturbed;
    if (trial_.status != "ok" && trial_.measurement->requests.failed() > 0) {
      trial_.reasons.front() += service::log_excerpt(stage_.folder / "target.log");
    }
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

  void stop() {
    begin("stop");
    prepare_next();
    // A generator that outlives a failed trial would load, and end in, the next one.
    if (generation_) {
      keep_remarks(generation_->stop());
      phases_.part("generator");
    }
    if (!target_) return;
    keep_remarks(target_->stop());
    phases_.part("target");
  }

  /// The next trial's database is made while this trial's target stops. A failure shows there.
  void prepare_next() {
    if (stage_.next_template_database.empty()) return;
    if (stage_.databases.server()) static_cast<void>(session().set_fsync(false));
    stage_.databases.begin_trial_database(stage_.next_template_database);
  }

  [[nodiscard]] probe::PostgresSession& session() const { return stage_.databases.session(); }

  void keep_remarks(std::vector<std::string> remarks) {
    std::ranges::move(remarks, std::back_inserter(trial_.warnings));
  }

  const TrialStage& stage_;
  const scenario::Cell& cell_;
  Phases phases_;
  report::Trial trial_;
  std::optional<service::TargetService> target_;
  std::string database_;
  load::Job job_;
  std::optional<Generation> generation_;
  bool disturbed_ = false;
};

}  // namespace

TrialOutcome run_trial(const TrialStage& stage, const scenario::Cell& cell) {
  return RunningTrial(stage, cell).run();
}

}  // namespace poolbench::run
