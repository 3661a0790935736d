#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/words.h"

// What was found between the cells of a report.

namespace poolbench::report {

/// Candidate less baseline of a part of the time budget, in microseconds per request, paired by
/// block; with its 95 % interval.
struct PartDifference {
  std::string part;  ///< "connect_us"
  double difference_us = 0, ci_low = 0, ci_high = 0;
};

/// Which parts of the time budget make the difference between two cells.
struct Explanation {
  std::string text;  ///< in a sentence; empty where the numbers carry none
  BudgetOf of = BudgetOf::kWorker;
  double difference_us = 0, ci_low = 0, ci_high = 0;  ///< of the total
  std::vector<PartDifference> parts;                  ///< that both know; the unexplained one last
};

struct ComparisonResult {
  std::string name, metric, baseline, candidate;
  int n = 0;                                     ///< paired blocks
  std::optional<double> ratio, ci_low, ci_high;  ///< candidate ÷ baseline; 95 % interval
  std::optional<double> p_adjusted;              ///< Benjamini–Hochberg over all comparisons
  double margin = 0;  ///< relative change below which a difference is of no interest
  std::optional<double> published_ratio;
  Verdict verdict = Verdict::kInconclusive;
  std::string reason;  ///< for inconclusive and incomparable
  std::optional<Explanation> explanation;
};

/// What a claim about the values of a metric finds in one cell.
struct CellEvidence {
  std::string cell;
  int n = 0;
  std::optional<double> estimate, ci_low, ci_high;
  Decision verdict = Decision::kInconclusive;
  std::string note;
};

/// What a claim about ratios finds in one pair of cells.
struct PairEvidence {
  std::string baseline, candidate;
  int n = 0;
  std::optional<double> ratio, confidence, ci_low, ci_high;
  Decision verdict = Decision::kInconclusive;
  std::string note;
};

/// What a hypothesis is about, and what was found. It has cells or pairs.
struct Evidence {
  std::string metric;
  std::string fails_with;  ///< the cells fail with these words; instead of a metric
  std::optional<double> at_least, at_most;
  std::vector<CellEvidence> cells;
  std::vector<PairEvidence> pairs;
};

struct HypothesisResult {
  std::string claim;
  Decision verdict = Decision::kInconclusive;
  Evidence evidence;
};

}  // namespace poolbench::report
