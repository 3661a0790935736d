#include "run/running_trial.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "probe/listener.h"
#include "process/run_command.h"
#include "service/inherited.h"

namespace poolbench::run {

RunningTrial::RunningTrial(const TrialStage& stage, const TrialPlan& plan)
    : stage_(stage), plan_(plan), cell_(*plan.cell), phases_(stage.clock) {
  trial_.started_at = base::rfc3339(stage.clock.utc_now());
}

void RunningTrial::start(const std::function<base::Result<std::string>()>& take_database) {
  step([&]() -> base::Result<void> {
    begin("start");
    auto database = take_database();
    if (!database) return tl::unexpected(database.error());
    database_ = std::move(*database);
    sessions_.emplace(stage_.databases, database_);
    phases_.part("database");
    POOLBENCH_TRY(start_target());
    begin("verify");
    POOLBENCH_TRY(verify());
    phases_.end();
    return {};
  });
}

void RunningTrial::begin_load(std::optional<generator::Turn> turn) {
  step([&]() -> base::Result<void> {
    job_.turn = turn;
    begin("generator");
    sessions_->begin_load();
    load_run_.emplace(stage_, cell_, phases_, target_->child(), trial_);
    return load_run_->begin(job_, database_, target_unseen_);
  });
}

void RunningTrial::end_load() {
  step([&]() -> base::Result<void> {
    auto measurement = load_run_->end();
    if (!measurement) return tl::unexpected(measurement.error());
    take(std::move(*measurement));
    sessions_->end_load(cell_);
    disturbance_ = judge(trial_, cell_);
    if (trial_.status != report::TrialStatus::kOk && trial_.measurement->requests.failed() > 0) {
      trial_.reasons.front() += process::log_excerpt(plan_.folder / "target.log");
    }
    return {};
  });
}

void RunningTrial::fail(const base::Error& error) {
  if (!result_) return;
  const bool has_failed = load_run_ && load_run_->failure();
  result_ = tl::unexpected(has_failed ? *load_run_->failure() : error);
}

void RunningTrial::stop() {
  if (std::exchange(is_stopped_, true)) return;
  begin("stop");
  // A generator that outlives a failed trial would load, and end in, the next one.
  if (load_run_) {
    keep_remarks(load_run_->stop());
    phases_.part("generator");
  }
  if (target_) {
    keep_remarks(target_->stop());
    phases_.part("target");
  }
  if (sessions_ && !is_interrupted()) {
    session_facts_ = sessions_->facts();
    phases_.part("sessions");
  }
  phases_.end();
}

TrialOutcome RunningTrial::outcome() {
  trial_.phases = phases_.list();
  if (result_) {
    trial_.overhead_seconds = report::overhead_seconds(trial_.phases);
  } else {
    trial_.status =
        is_interrupted() ? report::TrialStatus::kInterrupted : report::TrialStatus::kFailed;
    trial_.reasons.push_back(result_.error().message);
  }
  if (session_facts_) judge_sessions(trial_, cell_, *session_facts_);
  if (!result_ || trial_.status == report::TrialStatus::kFailed) {
    trial_.disturbed = false;
    disturbance_ = {};
  }
  return {std::move(trial_), is_interrupted(), disturbance_};
}

bool RunningTrial::is_interrupted() const {
  return !result_ && result_.error().code == base::ErrorCode::kInterrupted;
}

bool RunningTrial::has_died() const { return target_ && !process::is_alive(target_->child()); }

void RunningTrial::begin(const std::string& phase) {
  phases_.begin(phase);
  stage_.observer.phase_started(phase);
}

base::Result<void> RunningTrial::start_target() {
  auto environment =
      service::target_environment(*cell_.target.spec, stage_.databases.environment(database_));
  auto started =
      service::TargetService::start(stage_.supervisor, cell_.target,
                                    {plan_.prepared, std::move(environment),
                                     plan_.folder / "target.log", cell_.placement.target});
  if (!started) return tl::unexpected(started.error());
  target_ = std::move(*started);
  POOLBENCH_TRY(target_->wait_until_it_answers());
  phases_.part("boot");
  POOLBENCH_TRY(target_->wait_until_every_worker_answers());
  phases_.part("workers");
  return {};
}

base::Result<void> RunningTrial::verify() {
  const auto answer = target_->verify();
  if (!answer) return tl::unexpected(answer.error());
  target_unseen_ = probe::why_unseen(target_->endpoint().port, process::pid_of(target_->child()));
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

void RunningTrial::take(report::Measurement measurement) {
  const auto worked_on = static_cast<double>(measurement.requests.worked_on());
  if (trial_.database.sessions_opened && worked_on > 0) {
    trial_.database.sessions_per_request =
        static_cast<double>(*trial_.database.sessions_opened) / worked_on;
  }
  trial_.cpu_seconds.generator = measurement.generator_cpu_seconds;
  if (measurement.generator_peak_rss_bytes) {
    trial_.peak_rss_bytes.generator = measurement.generator_peak_rss_bytes;
  }
  trial_.measurement = std::move(measurement);
}

void RunningTrial::keep_remarks(std::vector<std::string> remarks) {
  std::ranges::move(remarks, std::back_inserter(trial_.warnings));
}

}  // namespace poolbench::run
