#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/comparability.h"
#include "compare/run_spread.h"
#include "report/metric.h"
#include "report/report.h"

namespace poolbench::compare {

struct DiffOptions {
  std::vector<std::string> metrics;   ///< empty: throughput; in an open loop latency_p99_us too
  std::optional<double> margin;       ///< relative; never below the metric's own
  std::vector<std::string> only;      ///< "axis=value[,axis=value…]"; empty: all cells
  std::vector<std::string> factors;   ///< settings that may differ: "target.params.pool"
  std::optional<std::string> anchor;  ///< cell id, or "none"; unset: the scenario's baseline
  std::optional<double> run_spread;   ///< unset: as the background has it
  Background background;              ///< what earlier runs tell of the machine
  /// Both reports are of one run, block by block: cells are compared within blocks, and nothing
  /// about runs is asked.
  bool same_run = false;
};

/// One side of a row: Hodges–Lehmann over the good trials and its 95 % interval; of a latency
/// quantile that not every one of them has, that of all their answers together.
struct Level {
  int n = 0;
  std::optional<double> median, ci_low, ci_high, pooled;
};

/// One metric of one cell that both reports hold.
struct DiffRow {
  std::string cell, metric;
  report::Metric definition;  ///< of the metric, as head has it; if only base has it, as base does
  Level base, head;
  bool through_anchor = false;
  std::optional<double> ratio, ci_low, ci_high;  ///< head ÷ base, 95 % interval
  std::optional<double> p_adjusted;
  double margin = 0;             ///< the largest of configured, the metric's own, noise floor
  bool margin_is_noise = false;  ///< it is the noise floor
  RunSpread spread;
  report::Verdict verdict = report::Verdict::kInconclusive;
  std::string reason;
  bool strict = false;  ///< improved or regressed, with the whole interval beyond the margin
  std::vector<Difference> differences;  ///< why incomparable
};

struct GeometricMean {
  std::string metric, label;
  double ratio = 1;  ///< of head ÷ base as measured, over the rows that have both
  int cells = 0;
};

struct Diff {
  std::string base_id, head_id, scenario;
  bool same_run = false;  ///< compared within blocks
  Conditions conditions;
  std::vector<DiffRow> rows;
  std::vector<std::string> only_in_base, only_in_head;  ///< unmatched cells
  std::vector<GeometricMean> means;
  std::string anchor;  ///< cell id; empty: none
  /// A remark for each side in which the machine disturbed trials.
  std::vector<std::string> disturbances;
  [[nodiscard]] int count(report::Verdict verdict) const;
};

/// Compares two reports cell by cell. Runs differ for reasons that no block within a run
/// shows, so intervals hold the run spread besides the noise within each report, and cells are
/// compared through the anchor, a cell that both reports hold (docs/method.md, "Between reports").
/// kBadInput for options that name no metric, cell or anchor.
base::Result<Diff> compare_reports(const report::Report& base, const report::Report& head,
                                   const DiffOptions& options);

}  // namespace poolbench::compare
