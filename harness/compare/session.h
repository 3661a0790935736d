#pragma once

#include <vector>

#include "compare/effect.h"

namespace poolbench::compare {

/// The effect between two independent sessions: the shift from `base` to `head` (logarithms of
/// values, or of ratios to an anchor) by Hodges and Lehmann, with Mann and Whitney's interval
/// widened by the session spread: each side becomes √(side² + ln(1 + spread)²), the 90 % interval
/// with as much less spread as the normal distribution has it. p is the one that is 0.05 exactly
/// when the 95 % interval touches zero, with the tails of Student's t: of as many degrees of
/// freedom as the sessions have that the spread was estimated from (0: none), else as the values
/// have. With fewer than six values on a side p is 1. At least one value on either side.
Effect session_effect(const std::vector<double>& base, const std::vector<double>& head,
                      double spread, int sessions = 0);

}  // namespace poolbench::compare
