#include "stats/between_sessions.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cassert>
#include <cmath>

namespace poolbench::stats {
namespace {

constexpr double kNormal95 = 1.959964;  // two-sided quantile

}  // namespace

double session_allowance(std::span<const double> values, std::span<const double> errors) {
  assert(values.size() >= 2 && errors.size() == values.size());
  const auto n = static_cast<double>(values.size());
  double mean = 0, error = 0;
  for (const double value : values) mean += value / n;
  for (const double one : errors) error += one * one / n;
  double variance = 0;
  for (const double value : values) variance += (value - mean) * (value - mean) / (n - 1);
  const double t = boost::math::quantile(boost::math::students_t(n - 1), 0.975);
  return std::sqrt(2 * std::max(0.0, t * t * variance - kNormal95 * kNormal95 * error));
}

double noise_floor(std::span<const double> values) {
  assert(!values.empty());
  double squares = 0;
  for (const double value : values) squares += value * value;
  return kNormal95 * std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace poolbench::stats
