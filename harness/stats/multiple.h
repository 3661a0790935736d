#pragma once

#include <span>
#include <vector>

namespace poolbench::stats {

/// P values adjusted for a family of comparisons, in the given order: rejecting where the result is
/// at most q keeps the expected share of false rejections at q (Benjamini, Hochberg 1995).
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace poolbench::stats
