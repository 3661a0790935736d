#pragma once

#include "report/comparison_fields.h"
#include "report/environment_fields.h"
#include "report/report.h"
#include "report/trial_fields.h"

// The members of a report (fields.h): a member more is a line more here, or where its part is.

namespace poolbench::report {

/// Of a cell: the scenario allows 1000 blocks, and a trial runs again twice at most.
inline constexpr std::size_t kMostTrials = 3000;

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
  io({.name = "compact",
      .meaning = "true: `series` and `connections_series` are empty (`run --compact`)",
      .since = 2,
      .presence = Presence::kOmitted},
     report.compact);
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
