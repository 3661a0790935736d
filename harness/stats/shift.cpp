#include "stats/shift.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cassert>
#include <cmath>

namespace poolbench::stats {
namespace {

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

}  // namespace poolbench::stats
