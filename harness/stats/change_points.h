#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace poolbench::stats {

/// Where a series changed its level.
struct ChangePoint {
  std::size_t index = 0;         ///< of the first value at the new level
  double before = 0, after = 0;  ///< medians of the stretches on either side
  friend bool operator==(const ChangePoint&, const ChangePoint&) = default;
};

struct ChangePointSearch {
  std::size_t window = 50;      ///< values looked at together
  double significance = 0.001;  ///< of the permutation test; its permutations are 1 ÷ this − 1
  double least_shift = 0;       ///< a smaller |after − before| is no change
  std::uint64_t seed = 1;       ///< of the permutations: the same series gives the same answer
};

/// The change points of a series, in order, by E-divisive (Matteson, James: A Nonparametric
/// Approach for Multiple Change Point Analysis, JASA 109, 2014): the split of a stretch that has
/// the largest energy distance between its sides is a change point when no permutation of the
/// stretch has a larger one; then the sides are searched in turn. A stretch has at least two
/// values. Series longer than the window are searched window by window, each beginning at the last
/// change point or half a window on. Values finite.
std::vector<ChangePoint> change_points(std::span<const double> values,
                                       const ChangePointSearch& search);

}  // namespace poolbench::stats
