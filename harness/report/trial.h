#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/measurement.h"
#include "report/words.h"

// One cell run once: what was measured, and what else is known of it.

namespace poolbench::report {

struct Phase {
  std::string name;  ///< start, verify, warm-up, measure, stop
  double seconds = 0;
  std::vector<std::pair<std::string, double>> parts;  ///< finer: "database", "boot", "ready", …
};

/// How a target came to count as ready.
struct Readiness {
  std::optional<ReadyBy> by;   ///< unset: it never did
  std::optional<int> workers;  ///< that were told apart; unset: nothing tells them apart
};

/// How many sessions were in one state, over the samples.
struct StateFigures {
  double mean = 0;
  std::int64_t max = 0;
};

/// What the sessions of the trial's database did, by samples of pg_stat_activity in the window.
struct SessionActivity {
  StateFigures active, idle, idle_in_transaction;
  /// Of the active sessions in all samples the share that waited for an event of each type; "none":
  /// for nothing. Empty if none was active.
  std::map<std::string, double> wait_ratios;
};

/// What the statements of a trial's database did in the window, by pg_stat_statements.
struct StatementSums {
  std::int64_t calls = 0;
  double execution_us = 0;
};

/// What PostgreSQL's statistics say of the measured window; null with a reason in Trial::missing.
struct DatabaseEvidence {
  std::optional<std::int64_t> sessions_opened;  ///< pg_stat_database.sessions, difference
  std::optional<double> sessions_per_request;   ///< ÷ requests.worked_on()
  /// Most sessions of the trial's database at once.
  std::optional<std::int64_t> peak_connections;
  /// kSamples: it is the largest of connections_series, as in reports before 1.2, which do not say
  /// so. Null where there is no peak.
  std::optional<PeakSource> peak_connections_source;
  /// Sessions that found no free slot, from the target's start to its stop; by the log.
  std::optional<std::int64_t> refused_connections;
  std::vector<std::int64_t> connections_series;  ///< the samples
  std::optional<SessionActivity> activity;
  std::optional<std::int64_t> wal_bytes;  ///< that the whole server wrote to its write-ahead log
  std::optional<std::int64_t> deadlocks;  ///< pg_stat_database.deadlocks, difference
  int connections_interval_ms = 100;
  std::optional<StatementSums> statements;
  /// What PostgreSQL says that it took to set up a session under load, on average.
  std::optional<double> session_setup_us;
};

/// A quantity of the process trees of target, PostgreSQL and generator.
template <typename T>
struct PerService {
  std::optional<T> target, postgres, generator;
};

/// What a service used under load.
struct ServiceEvidence {
  std::optional<double> cpu_seconds;
  std::optional<std::uint64_t> peak_rss_bytes;
};

/// What the way to PostgreSQL costs by itself, before the load, as libpq sees it: medians.
struct PathCost {
  double connect_us = 0;     ///< to connect, SELECT 1 and close
  double round_trip_us = 0;  ///< SELECT 1 in a session that there is
  /// Processor time of the client in each of them.
  std::optional<double> connect_cpu_us, round_trip_cpu_us;
};

/// Where a request's time goes, in microseconds per request (docs/method.md). A part that is not
/// known is null, with a reason, and its time is in the unexplained one, which may be negative.
struct Budget {
  BudgetOf of = BudgetOf::kWorker;
  std::optional<double> serves_at_once;  ///< requests that the target works on at once
  double total_us = 0;                   ///< of a worker, or of the latency
  std::optional<double> queue_us;        ///< of a worker's budget: what the latency has beyond it
  std::optional<double> connect_us, connection_wait_us, query_us, round_trip_us, application_cpu_us,
      processor_wait_us, generator_us;
  double unexplained_us = 0;  ///< the total less all parts that are known
};

struct HostEvidence {
  std::optional<double> steal_ratio;             ///< /proc/stat steal ÷ all CPU time of the window
  std::optional<double> steal_resolution_ratio;  ///< the counter's smallest step ÷ the same
  std::optional<double> cpu_busy_ratio;          ///< not idle ÷ all
  std::optional<double> pressure_some_ratio;     ///< /proc/pressure/cpu "some" ÷ window
  /// Periods in which the CPU quota of our control group, or one above it, held us up.
  std::optional<std::int64_t> throttled_periods;
  std::optional<std::int64_t> swapped_bytes;  ///< /proc/vmstat pswpin + pswpout, whole machine
  std::optional<double> clock_step_seconds;   ///< growth of CLOCK_REALTIME less CLOCK_MONOTONIC
};

/// One cell run once in one block.
struct Trial {
  int block = 0;
  int position = 0;  ///< order within the block, from 0
  int attempt = 0;   ///< 0; 1 or 2: run again there, since the machine disturbed the one before
  std::string started_at;
  TrialStatus status = TrialStatus::kOk;
  /// The machine disturbed it, and nothing else is wrong with it. With status ok it counts all the
  /// same; with invalid the machine spoilt it, and only its counts are used.
  bool disturbed = false;
  std::vector<std::string>
      reasons;  ///< why not ok, or how disturbed; for failed, with a log's tail
  std::vector<Phase> phases;
  std::optional<double> overhead_seconds;  ///< see overhead_seconds()
  Readiness ready;
  std::optional<Measurement> measurement;
  PerService<double> cpu_seconds;
  /// How long threads of the target were ready to run and had no processor, all together.
  std::optional<double> target_run_delay_seconds;
  PerService<std::uint64_t> peak_rss_bytes;
  std::map<std::string, ServiceEvidence> services;  ///< by name
  std::optional<PathCost> path;
  DatabaseEvidence database;
  HostEvidence host;
  /// The values of the declared metrics, by name.
  std::map<std::string, std::optional<double>> metrics;
  std::optional<Budget> budget;
  Reasons missing;  ///< of each null
  std::vector<std::string> warnings;
  std::string folder;  ///< of its logs, relative to the report's
};

}  // namespace poolbench::report
