#include "stats/between_runs.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>

namespace poolbench::stats {
namespace {

constexpr double kNormal95 = 1.959964;  // two-sided quantile

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
