#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "report/metric.h"
#include "report/report.h"
#include "stats/inference.h"

// How far two cells lie apart, and what is said of it.

namespace poolbench::compare {

/// Largest accepted share of false verdicts among those given (Benjamini–Hochberg).
inline constexpr double kFalseDiscoveryRate = 0.05;
/// The fewest pairs that can ever give p ≤ 0.05 (2 · 2⁻⁶ = 0.031).
inline constexpr int kFewestBlocks = 6;

/// How far a metric of one cell lies from that of another, as ln(candidate ÷ baseline).
struct Effect {
  int n = 0;            ///< pairs or, between reports, the smaller number of trials
  double estimate = 0;  ///< Hodges–Lehmann
  std::optional<stats::Interval> interval_95, interval_90;  ///< none when n is too small
  double p = 1;                                             ///< two-sided, of "no difference"
};

/// How the values of a sample were found out: all in this way, or some in another.
struct Source {
  std::optional<report::PeakSource> only;
  bool operator==(const Source&) const = default;
};

/// The values of a metric by block in the cell's trials that count for it; `why_none` if there are
/// none, and for a latency quantile if not every one has it: values of the faster trials alone say
/// nothing.
struct Sample {
  std::vector<std::pair<int, double>> by_block;  ///< sorted by block, one value a block
  std::string why_none;
  std::optional<Source> source;  ///< where there is more than one way to find the values out
};
Sample sample_of(const report::CellReport& cell, const report::Metric& metric);
/// The same by cell id and the metric's name.
Sample sample_of(const report::Report& report, const std::string& cell_id,
                 const std::string& metric);

/// Why the values of two samples are not of the same kind; empty if they are.
std::string why_unlike(const Sample& baseline, const Sample& candidate);

/// Whether every good trial of the cell has a value above 0, so that others can be related to it.
bool can_anchor(const report::Report& report, const std::string& cell_id,
                const std::string& metric);

/// The differences of logarithms over the blocks that both samples hold. On failure: why no ratio
/// can be formed, in words.
base::Result<std::vector<double>> paired_log_ratios(const Sample& baseline,
                                                    const Sample& candidate);

/// The effect over at least one paired difference.
Effect paired_effect(const std::vector<double>& log_ratios);

/// The effect between two independent runs: the shift from `base` to `head` (logarithms of
/// values, or of ratios to an anchor) by Hodges and Lehmann, with Mann and Whitney's interval
/// widened by the run spread: each side becomes √(side² + ln(1 + spread)²), the 90 % interval
/// with as much less spread as the normal distribution has it. p is the one that is 0.05 exactly
/// when the 95 % interval touches zero, with the tails of Student's t: of as many degrees of
/// freedom as the runs have that the spread was estimated from (0: none), else as the values
/// have. With fewer than six values on a side p is 1. At least one value on either side.
Effect run_effect(const std::vector<double>& base, const std::vector<double>& head, double spread,
                  int runs = 0);

/// Why nothing can be said of a report: the machine disturbed too much of the run. Empty if it did
/// not.
std::string noise_of(const report::Report& report);

/// "improved", "regressed", "no_change" or "inconclusive" by the rules of docs/method.md, in order:
/// a difference that is significant within the family and beyond the margin, if one direction is
/// better; else equivalence within the margin; else inconclusive. `margin` is relative (0.03: from
/// ÷1.03 to ×1.03).
report::Verdict judge(const Effect& effect, double p_adjusted, double margin,
                      report::Better better);

/// Whether the difference is significant within the family and beyond the margin.
bool is_clear(const Effect& effect, double p_adjusted, double margin);

/// Whether the whole 95 % interval lies beyond the margin, on one side.
bool is_strict(const Effect& effect, double margin);

}  // namespace poolbench::compare
