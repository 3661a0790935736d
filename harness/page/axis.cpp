#include "page/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "page/figure.h"

namespace poolbench::page {
namespace {

constexpr double kFirst = 3, kLast = 97;  // per cent
constexpr double kWhole = 100;
constexpr std::size_t kMostTicks = 7, kFewestTicks = 3;

/// 1, 2 or 5 times a power of ten, at least the value, which is above 0.
double nice_step(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::vector<double> multiples(double low, double high, double step) {
  std::vector<double> values;
  const double slack = step * 1e-6;
  for (double i = std::ceil((low - slack) / step); i * step <= high + slack; ++i) {
    values.push_back(i == 0 ? 0 : i * step);  // not -0
  }
  return values;
}

/// Factors times every so many powers of ten.
std::vector<double> powers(double low, double high, const std::vector<double>& factors, int every) {
  std::vector<double> values;
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::floor(std::log10(high)));
  for (int exponent = first; exponent <= last; ++exponent) {
    if (exponent % every != 0) continue;
    for (const double factor : factors) {
      const double value = factor * std::pow(10.0, exponent);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push_back(value);
    }
  }
  return values;
}

}  // namespace

Axis::Axis(double low, double high, bool is_logarithmic, double first, double last)
    : low_(low), high_(high), is_logarithmic_(is_logarithmic), first_(first), last_(last) {}

double Axis::at(double value) const {
  const double share = is_logarithmic_
                           ? std::log(std::max(value, low_ * 1e-9) / low_) / std::log(high_ / low_)
                           : (value - low_) / (high_ - low_);
  return first_ + share * (last_ - first_);
}

bool Axis::take(const std::vector<double>& values, int pixels, const std::string& before) {
  constexpr double kPixelsPerCharacter = 6.4, kGap = 9;
  if (values.size() > kMostTicks) return false;
  std::vector<Tick> ticks;
  double free_from = -kWhole;
  for (const double value : values) {
    Tick tick{value, at(value),
              before + group_thousands(value >= 1e5 ? fmt::format("{:.0f}", value)
                                                    : fmt::format("{:.6g}", value))};
    const double half = kPixelsPerCharacter / 2 *
                        static_cast<double>(base::characters_in(tick.label)) / pixels * kWhole;
    if (tick.at - half < free_from) return false;
    free_from = tick.at + half + kGap / pixels * kWhole;
    ticks.push_back(std::move(tick));
  }
  ticks_ = std::move(ticks);
  return true;
}

Axis Axis::logarithmic(double low, double high, int pixels, const std::string& before) {
  constexpr double kLeastSpan = 1.05;
  if (high < low * kLeastSpan) {
    const double middle = std::sqrt(low * high), half = std::sqrt(kLeastSpan);
    low = middle / half;
    high = middle * half;
  }
  Axis axis(low, high, true, kFirst, kLast);
  std::vector<std::vector<double>> choices = {powers(low, high, {1, 2, 5}, 1)};
  if (choices.front().size() < kFewestTicks) {
    choices = {multiples(low, high, nice_step((high - low) / 4)),
               multiples(low, high, nice_step((high - low) / 2)),
               multiples(low, high, nice_step((high - low) / 1.3)), choices.front()};
  }
  choices.push_back(powers(low, high, {1, 3}, 1));
  for (int every = 1; every < 8; ++every) choices.push_back(powers(low, high, {1}, every));
  for (const auto& choice : choices) {
    if (axis.take(choice, pixels, before)) break;
  }
  return axis;
}

Axis Axis::from_zero(double high, int pixels) {
  if (!(high > 0)) high = 1;
  Axis axis(0, high, false, 0, kLast);
  for (const double parts : {5.0, 4.0, 3.0, 2.0, 1.0}) {
    if (axis.take(multiples(0, high, nice_step(high / parts)), pixels, {})) break;
  }
  return axis;
}

}  // namespace poolbench::page
