#include "compare/effect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/metric.h"
#include "report/summary.h"
#include "report/validity.h"

namespace poolbench::compare {
namespace {

std::string why_missing(const report::CellReport& cell, const report::Metric& metric) {
  if (cell.status == report::CellStatus::kFailed) {
    return fmt::format("{} failed: {}", cell.id, cell.error.substr(0, cell.error.find('\n')));
  }
  for (const report::Trial& trial : cell.trials) {
    const auto reasons = report::reasons_of(trial);
    for (const std::string& source : metric.missing_as) {
      for (const auto& [name, reason] : reasons) {
        if (name == source) return fmt::format("{} has no {}: {}", cell.id, metric.label, reason);
      }
    }
  }
  if (cell.trials.empty()) return fmt::format("{} was not run", cell.id);
  const bool spoilt = std::ranges::any_of(cell.trials, report::is_spoilt);
  return spoilt ? fmt::format("the machine spoilt every trial of {}", cell.id)
                : fmt::format("no good trial of {} has {}", cell.id, metric.label);
}

/// Values found out in different ways are not the same quantity.
std::optional<Source> source_of(const report::CellReport& cell, const report::Metric& metric) {
  if (metric.source_in == nullptr) return std::nullopt;
  std::optional<Source> all;
  for (const report::Trial& trial : cell.trials) {
    if (!report::counted_metric_of(trial, metric)) continue;
    const Source source{metric.source_in(trial)};
    if (!all) all = source;
    if (all != source) return Source{};
  }
  return all;
}

std::string words(const Source& source) {
  if (!source.only) return "samples in some trials only";
  return *source.only == report::PeakSource::kLog ? "PostgreSQL's log" : "samples";
}

}  // namespace

Sample sample_of(const report::CellReport& cell, const report::Metric& metric) {
  const auto* const quantile = report::quantile_of(metric);
  if (quantile != nullptr && cell.status != report::CellStatus::kFailed) {
    const std::string why = report::why_no_estimate(cell, *quantile);
    if (!why.empty()) {
      return {{}, fmt::format("{} has no {} to compare: {}", cell.id, metric.label, why), {}};
    }
  }
  std::map<int, double> by_block;
  if (cell.status != report::CellStatus::kFailed) {
    for (const report::Trial& trial : cell.trials) {
      if (const auto value = report::counted_metric_of(trial, metric)) {
        by_block[trial.block] = *value;
      }
    }
  }
  Sample sample;
  sample.by_block.assign(by_block.begin(), by_block.end());
  if (by_block.empty()) sample.why_none = why_missing(cell, metric);
  sample.source = source_of(cell, metric);
  return sample;
}

Sample sample_of(const report::Report& report, const std::string& cell_id,
                 const std::string& metric) {
  const auto known = report::find_metric(metric, report.metrics);
  if (!known) return {{}, fmt::format("there is no metric {}", metric), {}};
  for (const report::CellReport& cell : report.cells) {
    if (cell.id == cell_id) return sample_of(cell, *known);
  }
  return {{}, fmt::format("{} is not in the report", cell_id), {}};
}

std::string why_unlike(const Sample& baseline, const Sample& candidate) {
  const auto& [base, head] = std::pair(baseline.source, candidate.source);
  if (!base || !head || (base == head && base->only)) return {};
  return fmt::format("one side's peaks are from {}, the other's from {}", words(*base),
                     words(*head));
}

bool can_anchor(const report::Report& report, const std::string& cell_id,
                const std::string& metric) {
  const auto values = sample_of(report, cell_id, metric).by_block;
  return !values.empty() &&
         std::ranges::all_of(values, [](const auto& value) { return value.second > 0; });
}

base::Result<std::vector<double>> paired_log_ratios(const Sample& baseline,
                                                    const Sample& candidate) {
  for (const Sample* sample : {&baseline, &candidate}) {
    if (sample->by_block.empty()) return base::failed(sample->why_none);
  }
  if (auto why = why_unlike(baseline, candidate); !why.empty()) return base::failed(std::move(why));
  std::vector<double> log_ratios;
  std::size_t not_positive = 0;
  auto other = candidate.by_block.begin();
  for (const auto& [block, value] : baseline.by_block) {
    while (other != candidate.by_block.end() && other->first < block) ++other;
    if (other == candidate.by_block.end()) break;
    if (other->first != block) continue;
    if (value > 0 && other->second > 0) {
      log_ratios.push_back(std::log(other->second) - std::log(value));
    } else {
      ++not_positive;
    }
  }
  if (not_positive > 0) {
    // Leaving such blocks out would keep only those that differ least.
    return base::failed(fmt::format("a value is 0 in {} block{}, so there is no ratio",
                                    not_positive, not_positive == 1 ? "" : "s"));
  }
  if (log_ratios.empty()) return base::failed("no block holds a good trial of both cells");
  return log_ratios;
}

Effect paired_effect(const std::vector<double>& log_ratios) {
  const stats::Location location(log_ratios);
  return {location.n(), location.estimate(), location.interval(0.95), location.interval(0.90),
          location.p_value(0)};
}

namespace {

constexpr double kNormal90 = 1.644854;  // as stats::kNormal95

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

Effect run_effect(const std::vector<double>& base, const std::vector<double>& head, double spread,
                  int runs) {
  const stats::Shift shift(base, head);
  const double allowance = std::log1p(spread);
  Effect effect;
  effect.n = static_cast<int>(std::min(base.size(), head.size()));
  effect.estimate = shift.estimate();
  if (const auto interval = shift.interval(0.95)) {
    effect.interval_95 = widen(*interval, effect.estimate, allowance);
    const auto freedom = runs > 1 ? static_cast<double>(runs - 1)
                                  : static_cast<double>(base.size() + head.size() - 2);
    if (effect.n >= kFewestBlocks) {
      effect.p = p_of_no_difference(effect.estimate, *effect.interval_95, freedom);
    }
  }
  if (const auto interval = shift.interval(0.90)) {
    effect.interval_90 =
        widen(*interval, effect.estimate, allowance * kNormal90 / stats::kNormal95);
  }
  return effect;
}

std::string noise_of(const report::Report& report) {
  if (!report.design.noisy_environment.value_or(false)) return {};
  const auto& again = report.design.blocks_rerun;
  return fmt::format(
      "noisy_environment: {} blocks had to be run again, and then the machine disturbed more",
      again ? again->size() : 0);
}

bool is_strict(const Effect& effect, double margin) {
  const double limit = std::log1p(margin);
  const auto& interval = effect.interval_95;
  return interval && (interval->low > limit || interval->high < -limit);
}

bool is_clear(const Effect& effect, double p_adjusted, double margin) {
  return effect.n >= kFewestBlocks && p_adjusted <= kFalseDiscoveryRate &&
         std::abs(effect.estimate) > std::log1p(margin);
}

report::Verdict judge(const Effect& effect, double p_adjusted, double margin,
                      report::Better better) {
  if (effect.n < kFewestBlocks) return report::Verdict::kInconclusive;
  if (is_clear(effect, p_adjusted, margin)) {
    if (better == report::Better::kNeither) return report::Verdict::kInconclusive;
    return (effect.estimate > 0) == (better == report::Better::kHigher)
               ? report::Verdict::kImproved
               : report::Verdict::kRegressed;
  }
  const double limit = std::log1p(margin);
  const auto& interval = effect.interval_90;
  const bool equivalent = interval && interval->low > -limit && interval->high < limit;
  return equivalent ? report::Verdict::kNoChange : report::Verdict::kInconclusive;
}

}  // namespace poolbench::compare
