#include "run/trial.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "probe/process_tree.h"
#include "process/run_command.h"
#include "run/budget_rules.h"
#include "run/load_run.h"
#include "run/setup.h"
#include "run/trial_metrics.h"
#include "service/target_command.h"

namespace poolbench::run {

report::Disturbance judge(report::Trial& trial, const scenario::Cell& cell) {
  // Sessions in a database that is only looked at are anybody's.
  const bool may_use_database = cell.uses_database() || cell.target.runs_already();
  return report::judge(trial, {cell.load.tolerated_error_ratio, cell.load.rate_hz, cell.load.slice,
                               cell.load.connections, !cell.load.requests, may_use_database});
}

Trial::Trial(Setup& setup, const TrialSpec& spec)
    : setup_(setup), spec_(spec), phases_(setup.clock(), setup.observer()), services_(setup, spec) {
  trial_.started_at = base::rfc3339(setup.clock().utc_now());
}

Trial::~Trial() = default;

void Trial::start(const base::Result<std::string>& database) {
  step([&]() -> base::Result<void> {
    if (!database) return tl::unexpected(database.error());
    database_ = *database;
    if (service::Databases* const databases = setup_.databases()) {
      sessions_.emplace(*databases, database_);
    }
    phases_.part("database");
    POOLBENCH_TRY(start_services());
    POOLBENCH_TRY(start_target());
    phases_.begin("verify");
    POOLBENCH_TRY(verify());
    phases_.end();
    return {};
  });
}

void Trial::look() {
  step([&]() -> base::Result<void> {
    std::vector<process::Child*> children = services_.children();
    children.push_back(target_->child());
    for (process::Child* const child : children) {
      if (child == nullptr || process::is_alive(*child)) continue;
      const auto exit = setup_.supervisor().wait_for(*child, {});  // is known already
      if (!exit) return tl::unexpected(exit.error());
      return tl::unexpected(process::ended_error({child, *exit}, "before it was ready"));
    }
    return {};
  });
}

void Trial::begin_load(std::optional<generator::Turn> turn) {
  step([&]() -> base::Result<void> {
    job_.turn = turn;
    phases_.begin("generator");
    watch_metrics();
    if (sessions_) sessions_->begin_load(metrics_->session_process());
    load_run_ = std::make_unique<LoadRun>(
        setup_, spec_.cell, phases_, Loaded{target_->child(), services_.list()}, *metrics_, trial_);
    return load_run_->begin(job_, database_, target_unseen_);
  });
}

void Trial::end_load() {
  step([&]() -> base::Result<void> {
    auto measurement = load_run_->end();
    if (!measurement) return tl::unexpected(measurement.error());
    take(std::move(*measurement));
    metrics_->finish(trial_, trial_.measurement->requests.worked_on());
    if (sessions_) sessions_->end_load(spec_.cell);
    disturbance_ = judge(trial_, spec_.cell);
    if (trial_.status != report::TrialStatus::kOk && trial_.measurement->requests.failed() > 0) {
      trial_.reasons.front() += process::log_excerpt(spec_.folder / "target.log");
    }
    return {};
  });
}

void Trial::end_without_load() {
  step([&]() -> base::Result<void> {
    if (sessions_) sessions_->end_load(spec_.cell);
    return {};
  });
}

void Trial::fail(const base::Error& error) {
  if (!result_) return;
  const bool has_failed = load_run_ && load_run_->failure();
  result_ = tl::unexpected(has_failed ? *load_run_->failure() : error);
}

void Trial::stop() {
  if (std::exchange(is_stopped_, true)) return;
  phases_.begin("stop");
  // A generator that outlives a failed trial would load, and end in, the next one.
  if (load_run_) {
    keep_remarks(load_run_->stop());
    phases_.part("generator");
  }
  if (target_) {
    keep_remarks(target_->stop());
    phases_.part("target");
  }
  if (!services_.list().empty()) {
    keep_remarks(services_.stop());
    phases_.part("services");
  }
  if (sessions_ && !is_interrupted()) {
    session_facts_ = sessions_->facts();
    phases_.part("sessions");
  }
  phases_.end();
}

TrialOutcome Trial::outcome() {
  trial_.phases = phases_.list();
  if (result_) {
    trial_.overhead_seconds = report::overhead_seconds(trial_.phases);
  } else {
    trial_.status =
        is_interrupted() ? report::TrialStatus::kInterrupted : report::TrialStatus::kFailed;
    trial_.reasons.push_back(result_.error().message);
  }
  if (session_facts_) judge_sessions(trial_, spec_.cell, *session_facts_);
  if (trial_.measurement) take_budget();
  if (!result_ || trial_.status == report::TrialStatus::kFailed) {
    trial_.disturbed = false;
    disturbance_ = {};
  }
  std::optional<Verified> verified;
  if (!verified_.answers.empty()) verified = std::move(verified_);
  return {std::move(trial_), disturbance_, std::move(verified)};
}

bool Trial::is_interrupted() const {
  return !result_ && result_.error().code == base::ErrorCode::kInterrupted;
}

base::Result<void> Trial::start_services() {
  service::Databases* const databases = setup_.databases();
  POOLBENCH_TRY(services_.start(databases == nullptr ? base::Environment{}
                                                     : databases->environment(database_)));
  if (!services_.list().empty()) phases_.part("services");
  services_.measure_path(trial_);
  phases_.part("path");
  return {};
}

base::Result<void> Trial::start_target() {
  const scenario::Cell& cell = spec_.cell;
  service::TargetPlaces places{.prepared = spec_.prepared,
                               .environment = {},
                               .log = spec_.folder / "target.log",
                               .cpus = cell.placement.target,
                               .socket = spec_.socket,
                               .tls = setup_.tls(),
                               .database_server = setup_.database_server(),
                               .service_children = services_.children(),
                               .services = services_.words(),
                               .files = spec_.files,
                               .shown_files = spec_.folder / "files"};
  if (setup_.databases() != nullptr) {
    places.environment = service::target_environment(*cell.target.spec, services_.environment());
  }
  auto started = service::TargetService::start(setup_.supervisor(), cell, places);
  if (!started) return tl::unexpected(started.error());
  const auto began = setup_.clock().steady_now();
  target_ = std::move(*started);
  POOLBENCH_TRY(target_->wait_until_it_answers());
  phases_.part("boot");
  if (cell.logs_in()) {
    POOLBENCH_TRY(target_->log_in());
    phases_.part("log-in");
  }
  const auto ready = target_->wait_until_every_worker_answers();
  if (!ready) return tl::unexpected(ready.error());
  phases_.part("workers");
  trial_.ready = *ready;
  if (!ready->workers) {
    trial_.missing.emplace_back("ready.workers", "nothing tells the target's workers apart");
  }
  verified_.ready_seconds = base::to_seconds(setup_.clock().steady_now() - began);
  return {};
}

base::Result<void> Trial::verify() {
  auto verified = target_->verify();
  if (!verified) return tl::unexpected(verified.error());
  job_.requests.clear();
  for (service::VerifiedRequest& each : *verified) {
    verified_.answers.push_back(
        {each.spec.name, std::move(each.shown), each.answer.status, std::move(each.answer.body)});
    job_.requests.push_back(std::move(each.spec));
  }
  const base::HttpServer& server = target_->server();
  if (const process::Child* const child = target_->child()) {
    const pid_t pid = process::pid_of(*child);
    target_unseen_ = server.unix_socket.empty() ? probe::why_unseen(server.endpoint.port, pid)
                                                : probe::why_unseen(server.unix_socket, pid);
  }
  const scenario::Cell& cell = spec_.cell;
  job_.server = server;
  job_.settings = cell.load;
  job_.client_values = target_->client_values();
  job_.line_files = target_->line_files();
  job_.seed = spec_.seed;
  job_.folder = spec_.folder;
  job_.cpus = cell.placement.generator;
  return {};
}

void Trial::watch_metrics() {
  metrics_ =
      std::make_unique<TrialMetrics>(setup_, spec_,
                                     MetricSources{*target_, trial_.ready.workers.value_or(1),
                                                   services_.list(), database_, job_.turn});
}

void Trial::take(report::Measurement measurement) {
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

void Trial::take_budget() {
  const auto budget = report::budget_of(trial_, budget_rules(spec_.cell), trial_.missing);
  if (budget) trial_.budget = *budget;
  if (!budget) trial_.missing.emplace_back("budget", budget.error().message);
}

void Trial::keep_remarks(std::vector<std::string> remarks) {
  std::ranges::move(remarks, std::back_inserter(trial_.warnings));
}

}  // namespace poolbench::run
