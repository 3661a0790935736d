#pragma once

#include "report/measurement_fields.h"
#include "report/trial.h"

// The members of a trial (fields.h): a member more is a line more here.

namespace poolbench::report {

class Writer;
// What the generator measured lies among a trial's own members. Its warnings have another name
// there, and what is missing of it is joined with what else is.
void read_fields(Reader& reader, Trial& trial);
void write_fields(Writer& writer, const Trial& trial);

template <typename Io, Of<Phase> T>
void fields(Io& io, T& phase) {
  io({.name = "name",
      .meaning = "start, verify, generator, warm-up, measure, drain or stop",
      .not_empty = true},
     phase.name);
  io({.name = "seconds",
      .meaning = "in turns the first trial of a block takes the databases of all, and warm-up and "
                 "measure hold the turns of all",
      .range = kAmount},
     phase.seconds);
  io({.name = "parts", .meaning = "", .range = kAmount, .presence = Presence::kOmitted},
     phase.parts);
}

template <typename Io, Of<Readiness> T>
void fields(Io& io, T& ready) {
  io({.name = "by",
      .meaning =
          "what showed it: `header` (`ready.worker_header`), `connections` (each worker held "
          "one), `settle` (`ready.settle` had passed) or `first_answer`; null: it was not "
          "ready"},
     ready.by);
  io({.name = "workers",
      .meaning = "processes that answered or held a connection; null: nothing tells them apart",
      .range = kAmount},
     ready.workers);
}

template <typename Io, typename T>
  requires Of<T, PerService<double>> || Of<T, PerService<std::uint64_t>>
void fields(Io& io, T& trees) {
  io({.name = "target",
      .meaning = "null where none of the processes that its command started holds the socket that "
                 "answers: a container that a daemon runs, say, whose work would show as 0",
      .range = kAmount},
     trees.target);
  io({.name = "postgres", .meaning = "", .range = kAmount}, trees.postgres);
  io({.name = "generator", .meaning = "", .range = kAmount}, trees.generator);
}

template <typename Io, Of<ServiceEvidence> T>
void fields(Io& io, T& service) {
  io({.name = "cpu_seconds", .meaning = "of its process tree, in the window", .range = kAmount},
     service.cpu_seconds);
  io({.name = "peak_rss_bytes", .meaning = "", .range = kAmount}, service.peak_rss_bytes);
}

template <typename Io, Of<PathCost> T>
void fields(Io& io, T& path) {
  io({.name = "connect_us",
      .meaning = "to connect as the target does, SELECT 1 and close: median of ten",
      .range = kAmount},
     path.connect_us);
  io({.name = "round_trip_us",
      .meaning = "SELECT 1 in a session that there is: median of twenty",
      .range = kAmount},
     path.round_trip_us);
  io({.name = "connect_cpu_us",
      .meaning = "the client's processor time in `connect_us`",
      .range = kAmount,
      .presence = Presence::kOmitted},
     path.connect_cpu_us);
  io({.name = "round_trip_cpu_us",
      .meaning = "the same in `round_trip_us`",
      .range = kAmount,
      .presence = Presence::kOmitted},
     path.round_trip_cpu_us);
}

template <typename Io, Of<StateFigures> T>
void fields(Io& io, T& state) {
  io({.name = "mean", .meaning = "sessions", .range = kAmount}, state.mean);
  io({.name = "max", .meaning = "sessions", .range = kAmount}, state.max);
}

template <typename Io, Of<SessionActivity> T>
void fields(Io& io, T& activity) {
  io({.name = "active", .meaning = ""}, activity.active);
  io({.name = "idle", .meaning = ""}, activity.idle);
  io({.name = "idle_in_transaction", .meaning = "and `idle in transaction (aborted)`"},
     activity.idle_in_transaction);
  io({.name = "wait_ratios",
      .meaning = "of the active sessions in all samples, by the type of the event that they waited "
                 "for; `none`: they worked",
      .range = kShare},
     activity.wait_ratios);
}

template <typename Io, Of<StatementSums> T>
void fields(Io& io, T& statements) {
  io({.name = "calls", .meaning = "statements that clients sent", .range = kAmount},
     statements.calls);
  io({.name = "execution_us", .meaning = "`total_exec_time`, all together", .range = kAmount},
     statements.execution_us);
}

template <typename Io, Of<DatabaseEvidence> T>
void fields(Io& io, T& database) {
  io({.name = "sessions_opened", .meaning = "pg_stat_database.sessions, difference"},
     database.sessions_opened);
  io({.name = "sessions_per_request", .meaning = ""}, database.sessions_per_request);
  io({.name = "peak_connections", .meaning = "", .range = kAmount}, database.peak_connections);
  io({.name = "peak_connections_source", .meaning = "see below", .since = 2},
     database.peak_connections_source);
  io({.name = "refused_connections",
      .meaning = "sessions that found no free slot, from the target's start to its stop; null "
                 "without the log",
      .since = 2,
      .range = kAmount},
     database.refused_connections);
  io({.name = "connections_interval_ms", .meaning = "", .range = kFromOne},
     database.connections_interval_ms);
  io({.name = "connections_series",
      .meaning = "client backends in each interval; in turns once a round, while the cell's own "
                 "load is on",
      .range = kAmount},
     database.connections_series);
  io({.name = "activity",
      .meaning = "what the sessions did, by samples of `pg_stat_activity`, taken with those of "
                 "`connections_series`",
      .since = 2,
      .presence = Presence::kOmitted},
     database.activity);
  io({.name = "wal_bytes",
      .meaning = "that the whole server added to its write-ahead log; not of cells in turns",
      .since = 2,
      .range = kAmount,
      .presence = Presence::kOmitted},
     database.wal_bytes);
  io({.name = "deadlocks",
      .meaning = "pg_stat_database.deadlocks, difference",
      .since = 2,
      .range = kAmount,
      .presence = Presence::kOmitted},
     database.deadlocks);
  io({.name = "statements",
      .meaning = "with `postgres.statements`: `pg_stat_statements`, difference; without the "
                 "statements of poolbench's own role",
      .since = 2,
      .presence = Presence::kOmitted},
     database.statements);
  io({.name = "session_setup_us",
      .meaning = "mean of the `setup total` of the sessions under load, by the log of PostgreSQL "
                 "18 or newer with `log_connections` = `all`",
      .since = 2,
      .range = kAmount,
      .presence = Presence::kOmitted},
     database.session_setup_us);
}

template <typename Io, Of<Budget> T>
void fields(Io& io, T& budget) {
  io({.name = "of",
      .meaning = "what is divided: `worker`, the time for which a request keeps one of the "
                 "target's workers; `latency`, the mean latency"},
     budget.of);
  io({.name = "serves_at_once",
      .meaning = "requests that the target works on at once, as its file says",
      .range = kAmount},
     budget.serves_at_once);
  io({.name = "total_us", .meaning = "", .range = kAmount}, budget.total_us);
  io({.name = "queue_us",
      .meaning = "of a worker's budget: what a request waits for a worker, which is no part of it"},
     budget.queue_us);
  io({.name = "connect_us", .meaning = "to connect to PostgreSQL", .range = kAmount},
     budget.connect_us);
  io({.name = "connection_wait_us",
      .meaning = "for a connection of the application's own pool",
      .range = kAmount},
     budget.connection_wait_us);
  io({.name = "query_us", .meaning = "execution in PostgreSQL", .range = kAmount}, budget.query_us);
  io({.name = "round_trip_us", .meaning = "to PostgreSQL and back", .range = kAmount},
     budget.round_trip_us);
  io({.name = "application_cpu_us",
      .meaning = "the target's processor time, less that of connecting and of round trips"},
     budget.application_cpu_us);
  io({.name = "processor_wait_us",
      .meaning = "of the target's threads, ready to run",
      .range = kAmount},
     budget.processor_wait_us);
  io({.name = "generator_us",
      .meaning = "what the generator's own waiting could explain; 0 of a worker's time, which does "
                 "not hold it",
      .range = kAmount},
     budget.generator_us);
  io({.name = "unexplained_us",
      .meaning = "the total less all parts that are known; below 0 where they overlap"},
     budget.unexplained_us);
}

template <typename Io, Of<HostEvidence> T>
void fields(Io& io, T& host) {
  io({.name = "steal_ratio", .meaning = "steal ÷ all CPU time", .range = kShare}, host.steal_ratio);
  io({.name = "cpu_busy_ratio", .meaning = "", .range = kShare}, host.cpu_busy_ratio);
  io({.name = "pressure_some_ratio", .meaning = "", .range = kShare}, host.pressure_some_ratio);
  io({.name = "steal_resolution_ratio",
      .meaning = "one tick of the counter of steal ÷ all CPU time",
      .since = 1,
      .range = kShare},
     host.steal_resolution_ratio);
  io({.name = "throttled_periods",
      .meaning = "`nr_throttled` of our control group and those above it, growth",
      .since = 1},
     host.throttled_periods);
  io({.name = "swapped_bytes", .meaning = "whole machine, in and out", .since = 1},
     host.swapped_bytes);
  io({.name = "clock_step_seconds",
      .meaning = "growth of CLOCK_REALTIME less that of CLOCK_MONOTONIC",
      .since = 1},
     host.clock_step_seconds);
}

template <typename Io, Of<Trial> T>
void fields(Io& io, T& trial) {
  io({.name = "block", .meaning = "from 0", .range = kAmount}, trial.block);
  io({.name = "position", .meaning = "in the block, from 0", .range = kAmount}, trial.position);
  io({.name = "attempt",
      .meaning = "from 0; 1 and 2 ran again in the same place, since the machine disturbed the one "
                 "before",
      .since = 2,
      .range = {0, 2}},
     trial.attempt);
  io({.name = "started_at", .meaning = "RFC 3339, UTC"}, trial.started_at);
  io({.name = "status",
      .meaning = "`failed`: the target did not serve; `invalid`: see "
                 "[method.md](method.md#when-a-trial-does-not-count); `superseded`: another "
                 "attempt at it counts (before 1.2: its block was run again)"},
     trial.status);
  io({.name = "disturbed",
      .meaning = "the machine disturbed it and nothing else is wrong with it. With `ok` it counts "
                 "all the same; with `invalid` it is spoilt, and only what it counted is used: "
                 "sessions, connections, errors",
      .since = 2},
     trial.disturbed);
  io({.name = "reasons",
      .meaning = "why not `ok`, with the tail of the log; or how the machine disturbed it"},
     trial.reasons);
  io({.name = "folder", .meaning = "of its logs, relative to the report"}, trial.folder);
  io({.name = "phases", .meaning = ""}, trial.phases);
  io({.name = "overhead_seconds",
      .meaning = "all phases less the target's boot and stop, warm-up, measure and drain"},
     trial.overhead_seconds);
  io({.name = "ready", .meaning = "how the target came to count as ready", .since = 2},
     trial.ready);
  io.measured(trial.measurement);
  io({.name = "cpu_seconds", .meaning = "of process trees"}, trial.cpu_seconds);
  io({.name = "target_run_delay_seconds",
      .meaning = "how long the target's threads were ready to run and had no processor, all "
                 "together, in the window",
      .since = 2,
      .range = kAmount,
      .presence = Presence::kOmitted},
     trial.target_run_delay_seconds);
  io({.name = "peak_rss_bytes", .meaning = "of process trees"}, trial.peak_rss_bytes);
  io({.name = "services",
      .meaning = "by name: what each service of the cell used",
      .since = 2,
      .presence = Presence::kOmitted},
     trial.services);
  io({.name = "path",
      .meaning =
          "what the way from the target to PostgreSQL cost by itself, just before the target "
          "was started, as libpq sees it; `missing` says why it is not known",
      .since = 2,
      .presence = Presence::kOmitted},
     trial.path);
  io({.name = "database", .meaning = ""}, trial.database);
  io({.name = "host", .meaning = "of the window"}, trial.host);
  io({.name = "metrics",
      .meaning = "the metrics that the target declares",
      .since = 2,
      .presence = Presence::kOmitted},
     trial.metrics);
  io({.name = "budget",
      .meaning = "where a request's time goes "
                 "([method.md](method.md#where-a-requests-time-goes)), in µs per request; "
                 "`missing` says why it or a part of it is not known",
      .since = 2,
      .presence = Presence::kOmitted},
     trial.budget);
  io({.name = "warnings", .meaning = ""}, trial.warnings);
  io.missing(
      {.name = "missing", .meaning = "why something is null: `{\"host.steal_ratio\": \"…\"}`"},
      trial);
}

}  // namespace poolbench::report
