#include "run/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "probe/process_tree.h"
#include "process/interrupt.h"
#include "run/block_runner.h"
#include "scenario/scenario.h"
#include "service/postgres/databases.h"

namespace poolbench::run {
namespace {

constexpr std::chrono::milliseconds kSampleEvery{100};
constexpr int kMemoryEverySamples = 5;
constexpr const char* kShared =
    "the trials that take turns share PostgreSQL's processes: whose it is cannot be told";
constexpr const char* kNoPostgres =
    "the server was running already, and no PostgreSQL is named that could be asked";
constexpr const char* kSharedLog =
    "the trials that take turns share PostgreSQL's write-ahead log: whose bytes it has cannot be "
    "told";
constexpr const char* kForgotten =
    "pg_stat_statements has forgotten some in the window: raise pg_stat_statements.max";
constexpr const char* kExternal = "an external PostgreSQL: its processes cannot be seen from here";

/// After so long a server has told its statistics what it did.
constexpr std::chrono::milliseconds kStatisticsLag{1200};

void take_peak(report::Trial& trial, const SessionFacts& facts) {
  report::DatabaseEvidence& database = trial.database;
  if (facts.log) {
    database.peak_connections = facts.log->peak;
    database.peak_connections_source = report::PeakSource::kLog;
    std::erase_if(trial.missing, [](const auto& missing) {
      return missing.first == "database.peak_connections";  // samples that failed
    });
  } else if (database.peak_connections) {
    database.peak_connections_source = report::PeakSource::kSamples;
    trial.warnings.push_back(
        fmt::format("peak connections are only the largest of samples, since PostgreSQL's log does "
                    "not tell: {}",
                    facts.log.error().message));
  }
}

std::string refusals(const service::SessionSums& log) {
  return fmt::format(
      "PostgreSQL refused {} connection{} ({}): raise max_connections in postgres.settings, or let "
      "the application hold fewer",
      log.refused, log.refused == 1 ? "" : "s", log.refusal);
}

void name_refusals(report::Trial& trial, const service::SessionSums& log) {
  if (log.refused == 0) return;
  const bool has_failed = trial.status == report::TrialStatus::kFailed ||
                          (trial.measurement && trial.measurement->requests.failed() > 0);
  if (has_failed && trial.status != report::TrialStatus::kOk) {
    trial.reasons.insert(trial.reasons.begin(), refusals(log));
  } else {
    trial.warnings.push_back(refusals(log));
  }
}

/// Whatever was seen last counts, however it was seen; false only where something would have been.
bool saw_no_session(const report::DatabaseEvidence& database, const SessionFacts& facts) {
  const bool is_known = facts.log || facts.counted;
  const auto& samples = database.connections_series;
  return is_known && facts.counted.value_or(0) == 0 &&
         (!facts.log || facts.log->established == 0) && database.sessions_opened.value_or(0) == 0 &&
         std::ranges::all_of(samples, [](std::int64_t count) { return count == 0; });
}

}  // namespace

void Phases::begin(const std::string& phase) {
  end();
  running_ = true;
  since_ = part_since_ = clock_->steady_now();
  phases_.push_back({phase, 0, {}});
  observer_->phase_started(phase);
}

void Phases::part(const std::string& name) {
  const auto now = clock_->steady_now();
  phases_.back().parts.emplace_back(name, base::to_seconds(now - part_since_));
  part_since_ = now;
}

void Phases::end() {
  if (!running_) return;
  running_ = false;
  phases_.back().seconds = base::to_seconds(clock_->steady_now() - since_);
}

void Monitor::begin() {
  host_before_ = probe::read_host_counters(*clock_);
  if (session_ != nullptr) counters_before_ = session_->read_counters(watched_.database);
  if (session_ != nullptr && watched_.statements) {
    statements_before_ = session_->read_statements(watched_.database);
  }
  if (target_is_seen()) {
    target_cpu_before_ = probe::tree_cpu_seconds(*watched_.target);
    target_delays_before_ = probe::tree_run_delays(*watched_.target);
  }
  if (postgres_is_ours()) postgres_cpu_before_ = probe::tree_cpu_seconds(*watched_.postgres);
  for (const auto& [name, pid] : watched_.services) {
    services_[name].cpu_seconds = probe::tree_cpu_seconds(pid);
  }
  has_begun_ = true;
  const base::Duration interval = watched_.turns ? watched_.turns->round() : kSampleEvery;
  database_.connections_interval_ms =
      static_cast<int>(std::chrono::round<std::chrono::milliseconds>(interval).count());
  next_sample_ = due_after(clock_->steady_now());
}

// In turns: when our load is on, and nothing is measured.
base::SteadyTime Monitor::due_after(base::SteadyTime time) const {
  const auto next = time + kSampleEvery;
  return watched_.turns ? watched_.turns->next_turn(next) + watched_.turns->lead() / 2 : next;
}

void Monitor::sample() {
  next_sample_ = due_after(clock_->steady_now());
  if (has_ended_) return;
  sample_connections();
  if (samples_++ % kMemoryEverySamples == 0) sample_memory();
}

void Monitor::sample_connections() {
  if (session_ == nullptr || !sampling_failure_.empty()) return;
  const auto now = session_->activity(watched_.database, watched_.own_session);
  if (!now) {
    sampling_failure_ = now.error().message;
    return;
  }
  database_.connections_series.push_back(now->sessions);
  database_.peak_connections = std::max(database_.peak_connections.value_or(0), now->sessions);
  if (!has_ended_) activity_.add(*now);
}

void Monitor::sample_memory() {
  for (const auto& [name, pid] : watched_.services) {
    auto& peak = services_[name].peak_rss_bytes;
    peak = std::max(peak.value_or(0), probe::tree_rss_bytes(pid));
  }
  if (target_is_seen()) {
    target_rss_peak_ = std::max(target_rss_peak_, probe::tree_rss_bytes(*watched_.target));
  }
  if (postgres_is_ours()) {
    postgres_rss_peak_ = std::max(postgres_rss_peak_, probe::tree_rss_bytes(*watched_.postgres));
  }
}

void Monitor::end(report::Trial& trial) {
  has_ended_ = true;
  if (target_is_seen()) {
    trial.cpu_seconds.target = probe::tree_cpu_seconds(*watched_.target) - target_cpu_before_;
    trial.target_run_delay_seconds =
        probe::run_delay_between(target_delays_before_, probe::tree_run_delays(*watched_.target));
  } else {
    tell_unseen_target(trial);
  }
  if (postgres_is_ours()) {
    trial.cpu_seconds.postgres = probe::tree_cpu_seconds(*watched_.postgres) - postgres_cpu_before_;
  } else {
    const char* const why = session_ == nullptr ? kNoPostgres
                            : watched_.postgres ? kShared
                                                : kExternal;
    trial.missing.emplace_back("cpu_seconds.postgres", why);
    trial.missing.emplace_back("peak_rss_bytes.postgres", why);
  }
  for (const auto& [name, pid] : watched_.services) {
    services_[name].cpu_seconds =
        probe::tree_cpu_seconds(pid) - services_[name].cpu_seconds.value_or(0);
  }
  end_database(trial);
  trial.host = probe::host_evidence(host_before_, probe::read_host_counters(*clock_));
  sample_memory();
  trial.services = services_;
  if (target_is_seen()) trial.peak_rss_bytes.target = target_rss_peak_;
  if (postgres_is_ours()) trial.peak_rss_bytes.postgres = postgres_rss_peak_;
}

void Monitor::tell_unseen_target(report::Trial& trial) const {
  const std::string why = watched_.target ? watched_.target_unseen : kRanAlready;
  trial.missing.emplace_back("cpu_seconds.target", why);
  trial.missing.emplace_back("peak_rss_bytes.target", why);
  if (!watched_.target) return;  // which the run has said once for all
  trial.warnings.push_back("the target's CPU time and memory are not known: " + why);
}

void Monitor::end_database(report::Trial& trial) {
  if (session_ == nullptr) {
    for (const char* const name :
         {"sessions_opened", "sessions_per_request", "peak_connections", "peak_connections_source",
          "refused_connections", "activity", "wal_bytes", "deadlocks"}) {
      trial.missing.emplace_back(fmt::format("database.{}", name), kNoPostgres);
    }
    trial.database = database_;
    return;
  }
  end_counters(trial);
  if (watched_.statements) end_statements(trial);
  sample_connections();
  if (!sampling_failure_.empty()) {
    trial.missing.emplace_back("database.peak_connections", sampling_failure_);
  }
  database_.activity = activity_.figures();
  if (!database_.activity) {
    trial.missing.emplace_back("database.activity", sampling_failure_.empty()
                                                        ? "the window was too short for a sample"
                                                        : sampling_failure_);
  }
  trial.database = database_;
}

void Monitor::end_counters(report::Trial& trial) {
  const auto after = session_->read_counters(watched_.database);
  if (!counters_before_ || !after) {
    const auto& error = counters_before_ ? after.error() : counters_before_.error();
    for (const char* const name : {"sessions_opened", "deadlocks", "wal_bytes"}) {
      trial.missing.emplace_back(fmt::format("database.{}", name), error.message);
    }
    return;
  }
  database_.sessions_opened = after->sessions - counters_before_->sessions;
  database_.deadlocks = after->deadlocks - counters_before_->deadlocks;
  if (watched_.turns && watched_.turns->is_shared()) {
    trial.missing.emplace_back("database.wal_bytes", kSharedLog);
  } else if (after->wal_position && counters_before_->wal_position) {
    database_.wal_bytes =
        static_cast<std::int64_t>(*after->wal_position - *counters_before_->wal_position);
  } else {
    trial.missing.emplace_back("database.wal_bytes", "a standby writes no log of its own");
  }
}

void Monitor::end_statements(report::Trial& trial) {
  const auto after = session_->read_statements(watched_.database);
  if (!statements_before_ || !after) {
    const auto& error = statements_before_ ? after.error() : statements_before_.error();
    trial.missing.emplace_back("database.statements", error.message);
  } else if (after->forgotten != statements_before_->forgotten) {
    trial.missing.emplace_back("database.statements", kForgotten);
  } else {
    database_.statements = {after->calls - statements_before_->calls,
                            after->execution_us - statements_before_->execution_us};
  }
}

void ActivitySums::add(const service::SessionActivity& sample) {
  ++samples_;
  const auto add_state = [&](report::StateFigures& sums, std::string_view state) {
    std::int64_t count = 0;
    for (const auto& [name, sessions] : sample.by_state) {
      if (name == state || name == fmt::format("{} (aborted)", state)) count += sessions;
    }
    sums.mean += static_cast<double>(count);
    sums.max = std::max(sums.max, count);
  };
  add_state(sums_.active, "active");
  add_state(sums_.idle, "idle");
  add_state(sums_.idle_in_transaction, "idle in transaction");
  for (const auto& [event, sessions] : sample.active_by_wait) waiting_[event] += sessions;
}

std::optional<report::SessionActivity> ActivitySums::figures() const {
  if (samples_ == 0) return std::nullopt;
  report::SessionActivity figures = sums_;
  for (auto* const state : {&figures.active, &figures.idle, &figures.idle_in_transaction}) {
    state->mean /= samples_;
  }
  for (const auto& [event, sessions] : waiting_) {
    figures.wait_ratios[event] = static_cast<double>(sessions) / sums_.active.mean;
  }
  return figures;
}

void judge_sessions(report::Trial& trial, const scenario::Cell& cell, const SessionFacts& facts) {
  if (trial.status == report::TrialStatus::kInterrupted) return;
  if (trial.measurement) take_peak(trial, facts);
  if (facts.log) {
    trial.database.refused_connections = facts.log->refused;
    if (facts.log->set_up > 0) {
      trial.database.session_setup_us =
          facts.log->setup_us / static_cast<double>(facts.log->set_up);
    }
    name_refusals(trial, *facts.log);
  } else {
    trial.missing.emplace_back("database.refused_connections", facts.log.error().message);
  }
  // The sessions of a server that ran already may be older than the trial.
  if (cell.target.runs_already()) return;
  const auto parts = cell.endpoints();
  const auto uses_database = std::ranges::find_if(parts, [&](const scenario::MixPart& part) {
    return cell.target.spec->endpoints.at(part.endpoint).database;
  });
  const bool has_answered = trial.measurement || trial.status == report::TrialStatus::kOk;
  if (!has_answered || uses_database == parts.end() || !saw_no_session(trial.database, facts)) {
    return;
  }
  trial.status = report::TrialStatus::kFailed;
  trial.reasons.insert(
      trial.reasons.begin(),
      fmt::format(
          "the trial's own database saw no session from the target's start to its stop, "
          "though endpoint \"{}\" uses a database: the target asked another one (look for a "
          "DATABASE_URL, a .env file or a service file), or none (then set database = false)",
          uses_database->endpoint));
}

SessionEvidence::SessionEvidence(service::Databases& databases, std::string database)
    : databases_(&databases), database_(std::move(database)) {
  stretch_.begin = databases.log().size();
}

void SessionEvidence::begin_load(pid_t own_session) {
  stretch_.load_begin = databases_->log().size();
  stretch_.own_session = own_session;
}

void SessionEvidence::end_load(const scenario::Cell& cell) {
  const auto count = [&] {
    const auto counters = databases_->session().read_counters(database_);
    if (!counters) return std::optional<std::int64_t>();
    const std::int64_t own = stretch_.own_session == 0 ? 0 : 1;
    return std::optional(std::max<std::int64_t>(counters->sessions - own, 0));
  };
  counted_ = count();
  if (counted_ != 0 || !cell.uses_database()) return;
  process::pause({}, std::chrono::steady_clock::now() + kStatisticsLag);
  counted_ = count();
}

SessionFacts SessionEvidence::facts() const {
  auto log = databases_->log().sessions(database_, stretch_);
  if (log && log->established < counted_.value_or(0)) {
    log = base::failed("it lacks lines (was its disk full?)");
  }
  return {std::move(log), counted_};
}

}  // namespace poolbench::run
