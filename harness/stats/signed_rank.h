#pragma once

#include <cstdint>
#include <vector>

namespace poolbench::stats {

/// Null distribution of Wilcoxon's signed-rank statistic T+ for n differences without ties or
/// zeros: the sum of a random subset of the ranks 1…n. Exact for every n, by convolution in
/// O(n³) time (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, 3rd ed., 3.1).
class SignedRank {
 public:
  /// n ≥ 0.
  explicit SignedRank(int n);

  /// P(T+ ≤ t); 0 below the smallest value, 1 from the largest on.
  [[nodiscard]] double at_most(std::int64_t t) const;
  /// P(T+ ≥ t).
  [[nodiscard]] double at_least(std::int64_t t) const;
  /// The largest t with P(T+ ≤ t) ≤ alpha, or -1 if there is none (n too small for alpha).
  [[nodiscard]] std::int64_t critical(double alpha) const;
  /// n(n + 1) / 2, the largest value.
  [[nodiscard]] std::int64_t max() const;

 private:
  std::vector<double> cumulative_;
};

}  // namespace poolbench::stats
