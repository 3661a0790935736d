#include "stats/location.h"

#include <algorithm>
#include <cassert>

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

}  // namespace poolbench::stats
