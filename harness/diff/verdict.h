#pragma once

#include <optional>
#include <string>

#include "diff/effect.h"

namespace poolbench::diff {

/// Largest accepted share of false verdicts among those given (Benjamini–Hochberg).
inline constexpr double kFalseDiscoveryRate = 0.05;
/// The fewest pairs that can ever give p ≤ 0.05 (2 · 2⁻⁶ = 0.031).
inline constexpr int kFewestBlocks = 6;

struct Judgement {
  std::string verdict;  ///< improved | regressed | no_change | inconclusive
  std::string reason;   ///< for inconclusive: what is lacking, and how many blocks would settle it
};

/// The rules of docs/method.md, in order: a difference that is significant within the family and
/// beyond the margin; else equivalence within the margin; else inconclusive. `margin` is relative
/// (0.03: from ÷1.03 to ×1.03).
Judgement judge(const Effect& effect, double p_adjusted, double margin, bool higher_is_better);

/// The number of blocks at which the 95 % interval would no longer hold "no difference" or, for an
/// estimate within the margin, the 90 % interval would lie inside it, if estimate and spread stay
/// as they are; half-widths shrink with √n. None when there is no interval to start from.
std::optional<int> blocks_to_settle(const Effect& effect, double margin);

}  // namespace poolbench::diff
