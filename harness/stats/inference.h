#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

// What samples say of what they were taken from: estimates, intervals and p values.

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

/// P values adjusted for a family of comparisons, in the given order: rejecting where the result is
/// at most q keeps the expected share of false rejections at q (Benjamini, Hochberg 1995).
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

/// Half the width of a 95 % interval in standard errors, where noise is normal.
inline constexpr double kNormal95 = 1.959964;

/// How far two further runs differ at most in 95 of 100 cases by what lies between runs,
/// over and above the noise within each, from the estimates of k ≥ 2 runs and their standard
/// errors: √(2 · max(0, t² · s² − 1.96² · ē²)) with the estimates' variance s², the errors' mean
/// square ē² and Student's t₀.₉₇₅ of k − 1 degrees of freedom. Added in quadrature to the
/// half-width that the noise within two runs like these gives, it makes t · √2 · s: the exact
/// prediction interval of the difference between two further normal values. In the unit of the
/// values; as many errors as values.
double run_allowance(std::span<const double> values, std::span<const double> errors);

/// The same where no other run is known, as if all that makes the values of a run differ
/// were slow against it, so that its mean wanders as its values do: 1.96 · √2 · s, with the pooled
/// variance s² of the values of both. At least one value of each, and three in all.
double drift_allowance(std::span<const double> first, std::span<const double> second);

/// The two-sided p of Student's t with so many degrees of freedom that is 0.05 where the estimate
/// is as far from no difference as its 95 % interval reaches towards it. Both distances above 0.
double p_within_reach(double distance, double reach, double freedom);

/// 1.96 standard deviations: what 95 of 100 values do not exceed, when all of them are noise about
/// zero. At least one value.
double noise_floor(std::span<const double> values);

}  // namespace poolbench::stats
