#pragma once

#include <cstdint>
#include <optional>
#include <span>
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

/// A closed interval.
struct Interval {
  double low = 0;
  double high = 0;
  [[nodiscard]] bool contains(double value) const { return low <= value && value <= high; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// Where the centre of a symmetric distribution lies, from one sample (or the differences of a
/// paired one): the Hodges–Lehmann estimate, and intervals and p values from the exact signed-rank
/// distribution. Everything is read off the sorted Walsh averages (xᵢ + xⱼ)/2, i ≤ j (Hollander,
/// Wolfe, Chicken, 3.1–3.3), so p ≤ α exactly when the hypothesised value lies outside the 1 − α
/// interval. Ties and zeros: a Walsh average equal to the hypothesised value counts against
/// rejection, so p values are never too small and intervals, being closed, never too short.
class Location {
 public:
  /// At least one value, all finite; O(n² log n).
  explicit Location(std::span<const double> values);

  [[nodiscard]] int n() const { return n_; }
  /// Median of the Walsh averages.
  [[nodiscard]] double estimate() const;
  /// Two-sided, of at least this confidence; none when n is too small for it (95 % needs 6 values,
  /// 90 % needs 5).
  [[nodiscard]] std::optional<Interval> interval(double confidence) const;
  /// Two-sided p value of "the centre is `centre`".
  [[nodiscard]] double p_value(double centre) const;
  /// p value of "the centre is at least `limit`" against "below", and the reverse.
  [[nodiscard]] double p_below(double limit) const;
  [[nodiscard]] double p_above(double limit) const;
  /// Two one-sided tests (Schuirmann 1987): p value of "the centre is outside (low, high)". At most
  /// 0.05 exactly when the 90 % interval lies inside.
  [[nodiscard]] double p_within(double low, double high) const;

 private:
  int n_;
  std::vector<double> walsh_;  // sorted
  SignedRank distribution_;
};

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
