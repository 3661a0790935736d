#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "generator/turns.h"
#include "probe/host.h"
#include "probe/process_tree.h"
#include "report/report.h"
#include "service/postgres/session.h"
#include "service/postgres/session_log.h"

// What is observed of a trial: how long its phases take, samples under load, and the sessions that
// its database saw.

namespace poolbench::scenario {
struct Cell;
}
namespace poolbench::service {
class Databases;
}

namespace poolbench::run {

class Observer;

/// Why nothing is known of what a server does that poolbench did not start.
inline constexpr const char* kRanAlready = "the server was running already";

/// Stop-watch over the phases of a trial and their parts; it tells the observer of each phase.
class Phases {
 public:
  Phases(const base::Clock& clock, Observer& observer)
      : clock_(&clock), observer_(&observer), since_(clock.steady_now()) {}

  /// Ends the current phase, if any, and begins `phase`.
  void begin(const std::string& phase);
  /// Ends a part of the current phase: the time since its begin or since its last part.
  void part(const std::string& name);
  /// Ends the current phase.
  void end();

  [[nodiscard]] const std::vector<report::Phase>& list() const { return phases_; }

 private:
  const base::Clock* clock_;
  Observer* observer_;
  bool running_ = false;
  base::SteadyTime since_;
  base::SteadyTime part_since_;
  std::vector<report::Phase> phases_;
};

/// Adds up samples of what sessions do.
class ActivitySums {
 public:
  void add(const service::SessionActivity& sample);
  /// None without a sample.
  [[nodiscard]] std::optional<report::SessionActivity> figures() const;

 private:
  int samples_ = 0;
  report::SessionActivity sums_;                 ///< sums in the place of means
  std::map<std::string, std::int64_t> waiting_;  ///< active sessions by what they wait for
};

/// Watches the target, the services, PostgreSQL and the machine during the measured window and puts
/// what it saw into the trial.
class Monitor {
 public:
  struct Watched {
    std::optional<pid_t> target;  ///< unset: its server ran already
    std::string target_unseen;    ///< why its processes are not those that answer; empty: they are
    std::optional<pid_t> postgres;  ///< unset: an external server, whose processes cannot be seen
    std::map<std::string, pid_t> services;  ///< by name
    std::string database;
    /// If there are any; with others' turns among them, PostgreSQL's processes are shared, too.
    std::optional<generator::Turns> turns;
    pid_t own_session = 0;    ///< process of a session in the database that does not count; 0: none
    bool statements = false;  ///< the server counts them
  };
  /// `session`: null if there is no PostgreSQL to be asked.
  Monitor(const base::Clock& clock, service::PostgresSession* session, Watched watched)
      : clock_(&clock), session_(session), watched_(std::move(watched)) {}

  /// The window begins. A failing statistics query becomes a missing quantity, never a failed
  /// trial.
  void begin();
  /// When the next sample is due; in turns before one of our slices, so that it disturbs none.
  [[nodiscard]] base::SteadyTime next_sample() const { return next_sample_; }
  /// Does nothing once the window has ended.
  void sample();
  /// The window ends: fills cpu_seconds, peak_rss_bytes, services, database and host of the trial.
  void end(report::Trial& trial);

  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] bool is_ongoing() const { return has_begun_ && !has_ended_; }

 private:
  [[nodiscard]] base::SteadyTime due_after(base::SteadyTime time) const;
  void sample_memory();
  void sample_connections();
  [[nodiscard]] bool target_is_seen() const {
    return watched_.target && watched_.target_unseen.empty();
  }
  [[nodiscard]] bool postgres_is_ours() const {
    return watched_.postgres && !(watched_.turns && watched_.turns->is_shared());
  }
  void tell_unseen_target(report::Trial& trial) const;
  void end_database(report::Trial& trial);
  void end_counters(report::Trial& trial);
  void end_statements(report::Trial& trial);

  const base::Clock* clock_;
  service::PostgresSession* session_;  ///< null: none
  Watched watched_;
  bool has_begun_ = false, has_ended_ = false;
  int samples_ = 0;
  base::SteadyTime next_sample_;
  probe::HostCounters host_before_;
  double target_cpu_before_ = 0;
  probe::RunDelays target_delays_before_;
  double postgres_cpu_before_ = 0;
  std::map<std::string, report::ServiceEvidence> services_;  ///< at the window's begin
  std::uint64_t target_rss_peak_ = 0;
  std::uint64_t postgres_rss_peak_ = 0;
  base::Result<service::DatabaseCounters> counters_before_;
  base::Result<service::StatementCounters> statements_before_;
  std::string sampling_failure_;
  ActivitySums activity_;
  report::DatabaseEvidence database_;
};

/// What is known of the sessions that a trial's own database saw from the target's start to its
/// stop.
struct SessionFacts {
  base::Result<service::SessionSums> log;  ///< or why it does not tell
  std::optional<std::int64_t> counted;     ///< by pg_stat_database; unset: not known
};

/// Puts them into the trial: the peak and where it comes from, and how many sessions were refused,
/// which is named as the cause of failed answers. A trial that has answered from an endpoint that
/// uses a database, though its own saw no session, becomes `failed`.
void judge_sessions(report::Trial& trial, const scenario::Cell& cell, const SessionFacts& facts);

/// Gathers them during a trial.
class SessionEvidence {
 public:
  /// The target has not been started yet.
  SessionEvidence(service::Databases& databases, std::string database);
  /// `own_session`: process of a session in the database that does not count; 0: none.
  void begin_load(pid_t own_session);
  /// While the target still runs, and poolbench's own session may be used.
  void end_load(const scenario::Cell& cell);
  /// After the target's stop.
  [[nodiscard]] SessionFacts facts() const;

 private:
  service::Databases* databases_;
  std::string database_;
  service::LogStretch stretch_;
  std::optional<std::int64_t> counted_;
};

}  // namespace poolbench::run
