#include "compare/power.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "base/file.h"
#include "report/json_place.h"
#include "report/metric.h"
#include "report/summary.h"

namespace poolbench::compare {
namespace {

constexpr double kRankEfficiency = 3 / std::numbers::pi;

double normal_quantile(double probability) {
  return boost::math::quantile(boost::math::normal(), probability);
}

}  // namespace

std::optional<double> detectable_shift(int n, double deviation, double alpha, double power) {
  if (2 * std::pow(0.5, n) > alpha) return std::nullopt;
  const double level = normal_quantile(1 - alpha / 2);
  const double effective = n * kRankEfficiency - level * level / 2;
  if (effective <= 0) return std::nullopt;
  return deviation * (level + normal_quantile(power)) / std::sqrt(effective);
}

double clearance(int n, double deviation, double power) {
  return normal_quantile(power) * deviation / std::sqrt(n * kRankEfficiency);
}

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostReports = 5;

/// How the cells take turns, if they do.
std::optional<std::string> slice_of(const base::Json& config) {
  return report::look_up<std::string>(config, {"load", "slice"});
}

/// Of the same scenario, the latest first.
std::vector<report::Report> earlier_reports(const scenario::Scenario& scenario,
                                            const fs::path& results) {
  std::vector<fs::path> folders;
  const std::string part = "-" + scenario.name + "-";
  for (const fs::path& entry : base::entries_of(results).value_or(std::vector<fs::path>{})) {
    if (entry.filename().string().find(part) != std::string::npos) folders.push_back(entry);
  }
  std::ranges::sort(folders, std::greater{});  // their names begin with the time
  const double measure = base::to_seconds(scenario.cells.front().load.measure);
  std::vector<report::Report> reports;
  for (const fs::path& folder : folders) {
    if (reports.size() == kMostReports) break;
    auto report = report::read_report(folder / "report.json");
    if (!report) continue;
    const bool same =
        report->scenario.name == scenario.name && report->design.measure_seconds == measure &&
        !report->cells.empty() &&
        slice_of(report->cells.front().config) == slice_of(scenario.cells.front().config);
    if (same) reports.push_back(std::move(*report));
  }
  return reports;
}

double deviation(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (n - 1));
}

/// Whether the trials of the latest report that holds the cell were too short for the quantile.
std::string shortness_of(const std::string& id, const report::Metric& metric,
                         const std::vector<report::Report>& reports) {
  const auto* const quantile = report::quantile_of(metric);
  if (quantile == nullptr) return {};
  for (const report::Report& report : reports) {
    for (const report::CellReport& cell : report.cells) {
      if (cell.id != id || cell.status != report::CellStatus::kOk) continue;
      const std::string remedy = report::remedy(cell, *quantile);
      return remedy.empty() ? "" : fmt::format("{} needs {}", id, remedy);
    }
  }
  return {};
}

void take_noise(Foresight& foresight, const std::vector<report::Report>& reports) {
  for (const report::Report& report : reports) {
    const auto log_ratios =
        paired_log_ratios(sample_of(report, foresight.baseline, foresight.metric),
                          sample_of(report, foresight.candidate, foresight.metric));
    if (!log_ratios || log_ratios->size() < kFewestBlocks) continue;
    foresight.noise = deviation(*log_ratios);
    foresight.source = report.report_id;
    return;
  }
}

/// With a verdict: p small enough after the family's correction, and an estimate beyond the margin.
std::optional<double> smallest_change(const Foresight& foresight, const report::Metric& metric,
                                      int blocks, std::size_t family) {
  const double margin = std::log1p(metric.margin);
  const auto significant = detectable_shift(
      blocks, foresight.noise, kFalseDiscoveryRate / static_cast<double>(family), kForeseenPower);
  if (!significant) return std::nullopt;
  const double beyond = margin + clearance(blocks, foresight.noise, kForeseenPower);
  return std::expm1(std::max(*significant, beyond));
}

}  // namespace

std::vector<Foresight> foresee(const scenario::Scenario& scenario, const fs::path& results) {
  const auto reports = earlier_reports(scenario, results);
  std::vector<Foresight> all;
  for (const scenario::Comparison& comparison : scenario.comparisons) {
    for (const std::string& name : comparison.metrics) {
      const auto metric = report::find_metric(name, scenario.metrics);
      if (!metric) continue;
      for (const auto& [baseline, candidate] : comparison.pairs) {
        all.push_back({comparison.name, name, baseline, candidate, kAssumedNoise, {}, {}, {}});
        take_noise(all.back(), reports);
        for (const std::string& cell : {baseline, candidate}) {
          const std::string why = shortness_of(cell, *metric, reports);
          if (!why.empty()) all.back().too_short = why;
        }
      }
    }
  }
  for (Foresight& foresight : all) {
    if (!foresight.too_short.empty()) continue;
    const auto metric = report::find_metric(foresight.metric, scenario.metrics);
    foresight.change = smallest_change(foresight, *metric, scenario.design.blocks, all.size());
  }
  return all;
}

namespace {

constexpr int kMostBlocksWorthNaming = 200;

double half_width_of(const stats::Interval& interval) { return (interval.high - interval.low) / 2; }

/// The smallest n whose smallest p, 2 · 2⁻ⁿ, is significant after the family's correction.
int blocks_for_family(const Effect& effect, double p_adjusted) {
  const double correction = effect.p > 0 ? std::max(1.0, p_adjusted / effect.p) : 1.0;
  return static_cast<int>(std::ceil(1 + std::log2(correction / kFalseDiscoveryRate)));
}

/// The number of blocks that would probably give a verdict, if estimate and spread stay as they
/// are: for an estimate beyond the margin, when the 95 % interval would leave out "no difference"
/// and the smallest p there is would pass the family's correction; within it, when the 90 %
/// interval would lie inside. Half-widths shrink with √n. None when there is no interval to start
/// from.
std::optional<int> blocks_to_settle(const Effect& effect, double p_adjusted, double margin) {
  if (!effect.interval_95 || !effect.interval_90) return std::nullopt;
  const double limit = std::log1p(margin);
  const double size = std::abs(effect.estimate);
  const bool beyond = size > limit;
  const double room = beyond ? size : limit - size;
  const double now = half_width_of(beyond ? *effect.interval_95 : *effect.interval_90);
  const double growth = std::pow(now / std::max(room, 1e-9), 2);
  constexpr double kMost = 1e6;
  const int needed = static_cast<int>(std::min(kMost, std::ceil(effect.n * growth)));
  const int family = beyond ? blocks_for_family(effect, p_adjusted) : kFewestBlocks;
  return std::max({needed, effect.n + 1, family});
}

}  // namespace

std::string why_inconclusive(const Effect& effect, double p_adjusted, double margin) {
  if (effect.n < kFewestBlocks) {
    return fmt::format("needs at least {} blocks, has {}", kFewestBlocks, effect.n);
  }
  if (is_clear(effect, p_adjusted, margin)) {
    return "clearly different, but the metric's declaration does not say which way is better";
  }
  const auto blocks = blocks_to_settle(effect, p_adjusted, margin);
  if (!blocks) return "too few blocks";
  if (*blocks > kMostBlocksWorthNaming) {
    return fmt::format("more than {} blocks would be needed", kMostBlocksWorthNaming);
  }
  return fmt::format("about {} blocks would settle it", *blocks);
}

}  // namespace poolbench::compare
