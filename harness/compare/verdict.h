#pragma once

#include <optional>
#include <string>

#include "compare/effect.h"

namespace poolbench::compare {

/// Largest accepted share of false verdicts among those given (Benjamini–Hochberg).
inline constexpr double kFalseDiscoveryRate = 0.05;
/// The fewest pairs that can ever give p ≤ 0.05 (2 · 2⁻⁶ = 0.031).
inline constexpr int kFewestBlocks = 6;

/// Why nothing can be said of a report: the machine disturbed too much of the run. Empty if it did
/// not.
std::string noise_of(const report::Report& report);

/// "improved", "regressed", "no_change" or "inconclusive" by the rules of docs/method.md, in order:
/// a difference that is significant within the family and beyond the margin; else equivalence
/// within the margin; else inconclusive. `margin` is relative (0.03: from ÷1.03 to ×1.03).
report::Verdict judge(const Effect& effect, double p_adjusted, double margin,
                      bool higher_is_better);

/// Whether the whole 95 % interval lies beyond the margin, on one side.
bool is_strict(const Effect& effect, double margin);

/// Why an effect is inconclusive: what is lacking, and how many blocks would settle it.
std::string why_inconclusive(const Effect& effect, double p_adjusted, double margin);

/// The number of blocks that would probably give a verdict, if estimate and spread stay as they
/// are: for an estimate beyond the margin, when the 95 % interval would leave out "no difference"
/// and the smallest p there is would pass the family's correction; within it, when the 90 %
/// interval would lie inside. Half-widths shrink with √n. None when there is no interval to start
/// from.
std::optional<int> blocks_to_settle(const Effect& effect, double p_adjusted, double margin);

}  // namespace poolbench::compare
