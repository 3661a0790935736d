#include "stats/power.h"

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numbers>

namespace poolbench::stats {
namespace {

constexpr double kEfficiency = 3 / std::numbers::pi;

double z(double probability) { return boost::math::quantile(boost::math::normal(), probability); }

}  // namespace

std::optional<double> detectable_shift(int n, double deviation, double alpha, double power) {
  if (2 * std::pow(0.5, n) > alpha) return std::nullopt;
  const double level = z(1 - alpha / 2);
  const double effective = n * kEfficiency - level * level / 2;
  if (effective <= 0) return std::nullopt;
  return deviation * (level + z(power)) / std::sqrt(effective);
}

double clearance(int n, double deviation, double power) {
  return z(power) * deviation / std::sqrt(n * kEfficiency);
}

}  // namespace poolbench::stats
