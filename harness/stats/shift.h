#pragma once

#include <optional>
#include <span>
#include <vector>

#include "stats/location.h"

namespace poolbench::stats {

/// How far the second of two independent samples lies above the first: the Hodges–Lehmann estimate
/// and intervals from the distribution of Mann and Whitney's U, read off the sorted differences
/// yⱼ − xᵢ (Hollander, Wolfe, Chicken, 4.1–4.3). Exact up to 50 values in both samples together,
/// beyond by the normal approximation with continuity correction. Ties never make intervals shorter
/// than they should be.
class Shift {
 public:
  /// At least one value in each, all finite; O(mn log mn).
  Shift(std::span<const double> first, std::span<const double> second);

  /// Median of the differences.
  [[nodiscard]] double estimate() const;
  /// Two-sided, of at least this confidence; none when the samples are too small for it (95 % needs
  /// 4 values in each, or 3 and 5).
  [[nodiscard]] std::optional<Interval> interval(double confidence) const;

 private:
  /// The largest u with P(U ≤ u) ≤ alpha, or -1.
  [[nodiscard]] std::int64_t critical(double alpha) const;

  std::size_t m_, n_;
  std::vector<double> differences_;  // sorted
};

}  // namespace poolbench::stats
