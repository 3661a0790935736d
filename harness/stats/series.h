#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// Whether a series keeps its level: where its beginning ends, and where it changes for good.

namespace poolbench::stats {

/// MSER-5 averages so many values to one before it looks for a beginning.
inline constexpr std::size_t kMserBatch = 5;

/// The number of values to leave out at the beginning of a series, so that its transient does not
/// weigh on the mean of the rest: MSER-5. Of the n averages Y of five values each it is the d ≤ n/2
/// that makes Σ_{i>d} (Yᵢ − Ȳ_d)² / (n − d)² least, with Ȳ_d the mean of those left; the first of
/// equals; times five. A result of n/2 averages says that the series never became steady. None for
/// fewer than four averages.
/// K. P. White Jr, M. J. Cobb, S. C. Spratt: A comparison of five steady-state truncation
/// heuristics for simulation. Proc. Winter Simulation Conference 2000, 755–760.
std::optional<std::size_t> mser5(std::span<const double> values);

/// Whether the halves of a series differ: their means by more than `least` (relative to the second)
/// and by more than three standard errors, which are taken from the averages of five values each,
/// so that neighbours may depend on each other. In a steady series of normal noise that is so in
/// 0–4 of 100 cases. False for fewer than eight averages.
bool halves_differ(std::span<const double> values, double least);

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
