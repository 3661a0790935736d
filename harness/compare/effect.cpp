#include "compare/effect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/metric.h"
#include "report/pooled.h"

namespace poolbench::compare {
namespace {

constexpr std::string_view kLog = report::word_of(report::PeakSource::kLog);
constexpr std::string_view kSamples = report::word_of(report::PeakSource::kSamples);

/// What a trial's `missing` may call the quantity that the metric is made of.
std::vector<std::string> sources_of(const std::string& metric) {
  if (const auto* const quantile = report::quantile_of_metric(metric)) {
    return {fmt::format("latency_us.{}", quantile->name), "latency_us"};
  }
  if (metric == "sessions_per_request" || metric == "peak_connections") {
    return {"database." + metric, metric, "database"};
  }
  for (const char* service : {"target", "postgres", "generator"}) {
    if (metric == fmt::format("{}_cpu_us_per_request", service)) {
      return {fmt::format("cpu_seconds.{}", service), "cpu_seconds"};
    }
  }
  return {metric};
}

std::string label_of(const std::string& metric) {
  const auto* const known = report::find_metric(metric);
  return known != nullptr ? known->label : metric;
}

std::string why_missing(const report::CellReport& cell, const std::string& metric) {
  if (cell.status == report::CellStatus::kFailed) {
    return fmt::format("{} failed: {}", cell.id, cell.error.substr(0, cell.error.find('\n')));
  }
  const std::string label = label_of(metric);
  for (const report::Trial& trial : cell.trials) {
    const auto reasons = report::reasons_of(trial);
    for (const std::string& source : sources_of(metric)) {
      for (const auto& [name, reason] : reasons) {
        if (name == source) return fmt::format("{} has no {}: {}", cell.id, label, reason);
      }
    }
  }
  if (cell.trials.empty()) return fmt::format("{} was not run", cell.id);
  const bool spoilt = std::ranges::any_of(cell.trials, [](const report::Trial& trial) {
    return trial.status == report::TrialStatus::kInvalid && trial.disturbed;
  });
  return spoilt ? fmt::format("the machine spoilt every trial of {}", cell.id)
                : fmt::format("no good trial of {} has {}", cell.id, label);
}

/// Peaks that the log tells and peaks that samples found are not the same quantity.
std::string source_of(const report::CellReport& cell, const std::string& metric) {
  if (metric != "peak_connections") return {};
  std::string all;
  for (const report::Trial& trial : cell.trials) {
    if (!report::counted_metric_of(trial, metric)) continue;
    const std::string_view source = report::word_of(
        trial.database.peak_connections_source.value_or(report::PeakSource::kSamples));
    if (all.empty()) all = source;
    if (all != source) return "both";
  }
  return all;
}

}  // namespace

Sample sample_of(const report::CellReport& cell, const std::string& metric) {
  const auto* const quantile = report::quantile_of_metric(metric);
  if (quantile != nullptr && cell.status != report::CellStatus::kFailed) {
    const std::string why = report::why_no_estimate(cell, *quantile);
    if (!why.empty()) {
      return {{}, fmt::format("{} has no {} to compare: {}", cell.id, label_of(metric), why), {}};
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
  for (const report::CellReport& cell : report.cells) {
    if (cell.id == cell_id) return sample_of(cell, metric);
  }
  return {{}, fmt::format("{} is not in the report", cell_id), {}};
}

std::string why_unlike(const Sample& baseline, const Sample& candidate) {
  const auto& [base, head] = std::pair(baseline.source, candidate.source);
  if (base.empty() || head.empty() || (base == head && base != "both")) return {};
  const auto words = [](const std::string& source) {
    if (source == kLog) return "PostgreSQL's log";
    return source == kSamples ? "samples" : "samples in some trials only";
  };
  return fmt::format("one side's peaks are from {}, the other's from {}", words(base), words(head));
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

}  // namespace poolbench::compare
