#include "compare/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace poolbench::compare {
namespace {

constexpr int kMostBlocksWorthNaming = 200;

double half_width(const stats::Interval& interval) { return (interval.high - interval.low) / 2; }

/// The smallest n whose smallest p, 2 · 2⁻ⁿ, is significant after the family's correction.
int blocks_for_family(const Effect& effect, double p_adjusted) {
  const double correction = effect.p > 0 ? std::max(1.0, p_adjusted / effect.p) : 1.0;
  return static_cast<int>(std::ceil(1 + std::log2(correction / kFalseDiscoveryRate)));
}

}  // namespace

std::string noise_of(const report::Report& report) {
  if (!report.design.noisy_environment.value_or(false)) return {};
  const auto& again = report.design.blocks_rerun;
  return fmt::format(
      "noisy_environment: {} blocks had to be run again, and then the machine disturbed more",
      again ? again->size() : 0);
}

std::optional<int> blocks_to_settle(const Effect& effect, double p_adjusted, double margin) {
  if (!effect.interval_95 || !effect.interval_90) return std::nullopt;
  const double limit = std::log1p(margin);
  const double size = std::abs(effect.estimate);
  const bool beyond = size > limit;
  const double room = beyond ? size : limit - size;
  const double now = half_width(beyond ? *effect.interval_95 : *effect.interval_90);
  const double growth = std::pow(now / std::max(room, 1e-9), 2);
  constexpr double kMost = 1e6;
  const int needed = static_cast<int>(std::min(kMost, std::ceil(effect.n * growth)));
  const int family = beyond ? blocks_for_family(effect, p_adjusted) : kFewestBlocks;
  return std::max({needed, effect.n + 1, family});
}

std::string why_inconclusive(const Effect& effect, double p_adjusted, double margin) {
  if (effect.n < kFewestBlocks) {
    return fmt::format("needs at least {} blocks, has {}", kFewestBlocks, effect.n);
  }
  const auto blocks = blocks_to_settle(effect, p_adjusted, margin);
  if (!blocks) return "too few blocks";
  if (*blocks > kMostBlocksWorthNaming) {
    return fmt::format("more than {} blocks would be needed", kMostBlocksWorthNaming);
  }
  return fmt::format("about {} blocks would settle it", *blocks);
}

bool is_strict(const Effect& effect, double margin) {
  const double limit = std::log1p(margin);
  const auto& interval = effect.interval_95;
  return interval && (interval->low > limit || interval->high < -limit);
}

report::Verdict judge(const Effect& effect, double p_adjusted, double margin,
                      bool higher_is_better) {
  if (effect.n < kFewestBlocks) return report::Verdict::kInconclusive;
  const double limit = std::log1p(margin);
  if (p_adjusted <= kFalseDiscoveryRate && std::abs(effect.estimate) > limit) {
    return (effect.estimate > 0) == higher_is_better ? report::Verdict::kImproved
                                                     : report::Verdict::kRegressed;
  }
  const auto& interval = effect.interval_90;
  const bool equivalent = interval && interval->low > -limit && interval->high < limit;
  return equivalent ? report::Verdict::kNoChange : report::Verdict::kInconclusive;
}

}  // namespace poolbench::compare
