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
