#include "stats/between_sessions.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>

namespace poolbench::stats {

double between_session_variance(std::span<const double> values, std::span<const double> errors) {
  assert(values.size() >= 2 && errors.size() == values.size());
  const auto n = static_cast<double>(values.size());
  double mean = 0, error = 0;
  for (const double value : values) mean += value / n;
  for (const double one : errors) error += one * one / n;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / (n - 1);
  return std::max(0.0, variance - error);
}

double session_allowance(double variance, std::size_t sessions) {
  assert(sessions >= 2);
  const boost::math::students_t distribution(static_cast<double>(sessions - 1));
  return boost::math::quantile(distribution, 0.975) * std::sqrt(2 * variance);
}

double noise_floor(std::span<const double> values) {
  assert(!values.empty());
  constexpr double kNormal95 = 1.959964;
  double squares = 0;
  for (const double value : values) squares += value * value;
  return kNormal95 * std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace poolbench::stats
