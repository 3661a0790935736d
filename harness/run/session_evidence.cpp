#include "run/session_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "process/interrupt.h"

namespace poolbench::run {
namespace {

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

void judge_sessions(report::Trial& trial, const scenario::Cell& cell, const SessionFacts& facts) {
  if (trial.status == report::TrialStatus::kInterrupted) return;
  if (trial.measurement) take_peak(trial, facts);
  if (facts.log) {
    trial.database.refused_connections = facts.log->refused;
    name_refusals(trial, *facts.log);
  } else {
    trial.missing.emplace_back("database.refused_connections", facts.log.error().message);
  }
  const std::string& endpoint = cell.target.endpoint;
  const bool uses_database = cell.target.spec->endpoints.at(endpoint).database;
  if (!trial.measurement || !uses_database || !saw_no_session(trial.database, facts)) return;
  trial.status = report::TrialStatus::kFailed;
  trial.reasons.insert(
      trial.reasons.begin(),
      fmt::format(
          "the trial's own database saw no session from the target's start to its stop, "
          "though endpoint \"{}\" uses a database: the target asked another one (look for a "
          "DATABASE_URL, a .env file or a service file), or none (then set database = false)",
          endpoint));
}

void SessionEvidence::end_load(const scenario::Cell& cell) {
  const auto count = [&] {
    const auto counters = databases_->session().read_counters(database_);
    return counters ? std::optional(counters->sessions) : std::nullopt;
  };
  counted_ = count();
  if (counted_ != 0 || !cell.target.spec->endpoints.at(cell.target.endpoint).database) return;
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
