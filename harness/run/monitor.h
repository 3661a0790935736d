#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "generator/turns.h"
#include "probe/host_load.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "service/postgres/session.h"

namespace poolbench::run {

/// Watches the target, PostgreSQL and the machine during the measured window and puts what it saw
/// into the trial.
class Monitor {
 public:
  struct Watched {
    pid_t target = 0;
    std::string target_unseen;  ///< why its processes are not those that answer; empty: they are
    std::optional<pid_t> postgres;  ///< unset: an external server, whose processes cannot be seen
    std::string database;
    /// If there are any; with others' turns among them, PostgreSQL's processes are shared, too.
    std::optional<generator::Turns> turns;
  };
  Monitor(const base::Clock& clock, service::PostgresSession& session, Watched watched)
      : clock_(&clock), session_(&session), watched_(std::move(watched)) {}

  /// The window begins. A failing statistics query becomes a missing quantity, never a failed
  /// trial.
  void begin();
  /// When the next sample is due; in turns before one of our slices, so that it disturbs none.
  [[nodiscard]] base::SteadyTime next_sample() const { return next_sample_; }
  /// Does nothing once the window has ended.
  void sample();
  /// The window ends: fills cpu_seconds, peak_rss_bytes, database and host of the trial.
  void end(report::Trial& trial);

  [[nodiscard]] bool has_begun() const { return has_begun_; }
  [[nodiscard]] bool is_ongoing() const { return has_begun_ && !has_ended_; }

 private:
  [[nodiscard]] base::SteadyTime due_after(base::SteadyTime time) const;
  void sample_memory();
  void sample_connections();
  [[nodiscard]] bool target_is_seen() const { return watched_.target_unseen.empty(); }
  [[nodiscard]] bool postgres_is_ours() const {
    return watched_.postgres && !(watched_.turns && watched_.turns->is_shared());
  }
  void end_database(report::Trial& trial);

  const base::Clock* clock_;
  service::PostgresSession* session_;
  Watched watched_;
  bool has_begun_ = false, has_ended_ = false;
  int samples_ = 0;
  base::SteadyTime next_sample_;
  probe::HostCounters host_before_;
  double target_cpu_before_ = 0;
  double postgres_cpu_before_ = 0;
  std::uint64_t target_rss_peak_ = 0;
  std::uint64_t postgres_rss_peak_ = 0;
  base::Result<service::DatabaseCounters> counters_before_;
  std::string sampling_failure_;
  report::DatabaseEvidence database_;
};

}  // namespace poolbench::run
