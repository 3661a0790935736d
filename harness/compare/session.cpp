#include "compare/session.h"

#include <algorithm>
#include <cmath>

#include "compare/verdict.h"
#include "stats/between_sessions.h"
#include "stats/location.h"

namespace poolbench::compare {
namespace {

constexpr double kNormal95 = 1.959964, kNormal90 = 1.644854;  // two-sided quantiles

stats::Interval widen(const stats::Interval& interval, double estimate, double allowance) {
  return {estimate - std::hypot(estimate - interval.low, allowance),
          estimate + std::hypot(interval.high - estimate, allowance)};
}

double p_of_no_difference(double estimate, const stats::Interval& interval_95, double freedom) {
  const double reach = estimate > 0 ? estimate - interval_95.low : interval_95.high - estimate;
  if (estimate == 0) return 1;
  if (reach <= 0) return 0;
  return stats::p_within_reach(std::abs(estimate), reach, freedom);
}

}  // namespace

Effect session_effect(const std::vector<double>& base, const std::vector<double>& head,
                      double spread, int sessions) {
  const stats::Shift shift(base, head);
  const double allowance = std::log1p(spread);
  Effect effect;
  effect.n = static_cast<int>(std::min(base.size(), head.size()));
  effect.estimate = shift.estimate();
  if (const auto interval = shift.interval(0.95)) {
    effect.interval_95 = widen(*interval, effect.estimate, allowance);
    const auto freedom = sessions > 1 ? static_cast<double>(sessions - 1)
                                      : static_cast<double>(base.size() + head.size() - 2);
    if (effect.n >= kFewestBlocks) {
      effect.p = p_of_no_difference(effect.estimate, *effect.interval_95, freedom);
    }
  }
  if (const auto interval = shift.interval(0.90)) {
    effect.interval_90 = widen(*interval, effect.estimate, allowance * kNormal90 / kNormal95);
  }
  return effect;
}

}  // namespace poolbench::compare
