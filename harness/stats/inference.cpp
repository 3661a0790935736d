#include "stats/inference.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>
#include <numeric>

namespace poolbench::stats {
namespace {

std::vector<double> sorted_walsh_averages(std::span<const double> values) {
  std::vector<double> averages;
  averages.reserve(values.size() * (values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    for (std::size_t j = i; j < values.size(); ++j) {
      averages.push_back(values[i] / 2 + values[j] / 2);  // halves first: no overflow
    }
  }
  std::sort(averages.begin(), averages.end());
  return averages;
}

constexpr std::size_t kMostExact = 50;  // C(50, 25) is below 2⁵³: every count is exact

/// The number of arrangements with U = u, for each u: the coefficients of the Gaussian binomial
/// ∏ (1 − q^(n+i)) ÷ (1 − q^i), i = 1 … m.
std::vector<double> arrangements(std::size_t m, std::size_t n) {
  std::vector<double> counts(m * n + 1, 0.0);
  counts[0] = 1;
  for (std::size_t i = 1; i <= m; ++i) {
    for (std::size_t u = counts.size(); u-- > n + i;) counts[u] -= counts[u - n - i];
    for (std::size_t u = i; u < counts.size(); ++u) counts[u] += counts[u - i];
  }
  return counts;
}

}  // namespace

SignedRank::SignedRank(int n) {
  const auto ranks = static_cast<std::size_t>(std::max(n, 0));
  cumulative_.assign(ranks * (ranks + 1) / 2 + 1, 0.0);
  cumulative_[0] = 1.0;
  std::size_t largest = 0;
  for (std::size_t rank = 1; rank <= ranks; ++rank) {
    largest += rank;
    for (std::size_t t = largest + 1; t-- > 0;) {
      cumulative_[t] = (cumulative_[t] + (t >= rank ? cumulative_[t - rank] : 0.0)) / 2;
    }
  }
  for (std::size_t t = 1; t < cumulative_.size(); ++t) cumulative_[t] += cumulative_[t - 1];
}

double SignedRank::at_most(std::int64_t t) const {
  if (t < 0) return 0.0;
  if (t >= max()) return 1.0;
  return cumulative_[static_cast<std::size_t>(t)];
}

double SignedRank::at_least(std::int64_t t) const {
  // The distribution is symmetric about max / 2; this way no digits are lost in 1 − P.
  return at_most(max() - t);
}

std::int64_t SignedRank::critical(double alpha) const {
  const auto above = std::upper_bound(cumulative_.begin(), cumulative_.end(), alpha);
  return above - cumulative_.begin() - 1;
}

std::int64_t SignedRank::max() const { return static_cast<std::int64_t>(cumulative_.size()) - 1; }

Location::Location(std::span<const double> values)
    : n_(static_cast<int>(values.size())),
      walsh_(sorted_walsh_averages(values)),
      distribution_(n_) {
  assert(!values.empty());
}

double Location::estimate() const {
  const std::size_t middle = walsh_.size() / 2;
  if (walsh_.size() % 2 == 1) return walsh_[middle];
  return walsh_[middle - 1] / 2 + walsh_[middle] / 2;
}

std::optional<Interval> Location::interval(double confidence) const {
  const auto cut = distribution_.critical((1 - confidence) / 2);
  if (cut < 0) return std::nullopt;
  const auto cut_off = static_cast<std::size_t>(cut);  // averages left out at either end
  return Interval{walsh_[cut_off], walsh_[walsh_.size() - 1 - cut_off]};
}

double Location::p_value(double centre) const {
  return std::min(1.0, 2 * std::min(p_below(centre), p_above(centre)));
}

double Location::p_below(double limit) const {
  const auto not_below = walsh_.end() - std::lower_bound(walsh_.begin(), walsh_.end(), limit);
  return distribution_.at_most(not_below);
}

double Location::p_above(double limit) const {
  const auto above = walsh_.end() - std::upper_bound(walsh_.begin(), walsh_.end(), limit);
  return distribution_.at_least(above);
}

double Location::p_within(double low, double high) const {
  return std::max(p_above(low), p_below(high));
}

Shift::Shift(std::span<const double> first, std::span<const double> second)
    : m_(first.size()), n_(second.size()) {
  assert(m_ > 0 && n_ > 0);
  differences_.reserve(m_ * n_);
  for (const double x : first) {
    for (const double y : second) differences_.push_back(y - x);
  }
  std::sort(differences_.begin(), differences_.end());
}

double Shift::estimate() const {
  const std::size_t middle = differences_.size() / 2;
  if (differences_.size() % 2 == 1) return differences_[middle];
  return differences_[middle - 1] / 2 + differences_[middle] / 2;
}

std::optional<Interval> Shift::interval(double confidence) const {
  const auto cut = critical((1 - confidence) / 2);
  if (cut < 0) return std::nullopt;
  const auto cut_off = static_cast<std::size_t>(cut);
  return Interval{differences_[cut_off], differences_[differences_.size() - 1 - cut_off]};
}

std::int64_t Shift::critical(double alpha) const {
  if (m_ + n_ > kMostExact) {
    const auto m = static_cast<double>(m_), n = static_cast<double>(n_);
    const double deviation = std::sqrt(m * n * (m + n + 1) / 12);
    const double z = boost::math::quantile(boost::math::normal(), alpha);
    return static_cast<std::int64_t>(std::floor(m * n / 2 + z * deviation - 0.5));
  }
  const auto counts = arrangements(m_, n_);
  double all = 0;
  for (const double count : counts) all += count;
  std::int64_t u = 0;
  for (double below = 0; u < std::ssize(counts); ++u) {
    below += counts[static_cast<std::size_t>(u)];
    if (below > alpha * all) break;
  }
  return u - 1;
}

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<std::size_t> by_size(p_values.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::sort(by_size.begin(), by_size.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double smallest = 1.0;
  for (std::size_t rank = by_size.size(); rank > 0; --rank) {
    const std::size_t index = by_size[rank - 1];
    const double scaled =
        p_values[index] * static_cast<double>(p_values.size()) / static_cast<double>(rank);
    smallest = std::min(smallest, scaled);
    adjusted[index] = smallest;
  }
  return adjusted;
}

namespace {

double squares_about_mean(std::span<const double> values) {
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares;
}

}  // namespace

double run_allowance(std::span<const double> values, std::span<const double> errors) {
  assert(values.size() >= 2 && errors.size() == values.size());
  const auto n = static_cast<double>(values.size());
  double error = 0;
  for (const double one : errors) error += one * one / n;
  const double variance = squares_about_mean(values) / (n - 1);
  const double t = boost::math::quantile(boost::math::students_t(n - 1), 0.975);
  return std::sqrt(2 * std::max(0.0, t * t * variance - kNormal95 * kNormal95 * error));
}

double drift_allowance(std::span<const double> first, std::span<const double> second) {
  assert(!first.empty() && !second.empty() && first.size() + second.size() >= 3);
  const auto freedom = static_cast<double>(first.size() + second.size() - 2);
  const double variance = (squares_about_mean(first) + squares_about_mean(second)) / freedom;
  return kNormal95 * std::sqrt(2 * variance);
}

double p_within_reach(double distance, double reach, double freedom) {
  assert(distance > 0 && reach > 0 && freedom > 0);
  const boost::math::students_t t(freedom);
  return 2 * boost::math::cdf(complement(t, boost::math::quantile(t, 0.975) * distance / reach));
}

double noise_floor(std::span<const double> values) {
  assert(!values.empty());
  double squares = 0;
  for (const double value : values) squares += value * value;
  return kNormal95 * std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace poolbench::stats
