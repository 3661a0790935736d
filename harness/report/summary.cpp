#include "report/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "report/json_place.h"
#include "report/metric.h"
#include "report/validity.h"
#include "stats/histogram.h"
#include "stats/inference.h"

namespace poolbench::report {

namespace {

std::vector<const Trial*> good_trials(const CellReport& cell) {
  std::vector<const Trial*> good;
  for (const Trial& trial : cell.trials) {
    if (trial.status == TrialStatus::kOk && trial.measurement) good.push_back(&trial);
  }
  return good;
}

/// Of a whole good trial, or of one endpoint of its mix, which it may not have asked at all.
Quantiles latency_of(const Trial& trial, const std::string& endpoint = {}) {
  if (endpoint.empty()) return trial.measurement->latency_us;
  const auto figures = trial.measurement->endpoints.find(endpoint);
  return figures == trial.measurement->endpoints.end() ? Quantiles{} : figures->second.latency_us;
}

/// A good trial that tells why not all have the quantile, and its latency.
struct Telling {
  const Trial* trial = nullptr;  ///< null: all have it
  Quantiles latency{};
};

/// It is one with answers enough, as no longer time would help it, else the one with the fewest.
Telling telling_trial(const CellReport& cell, const NamedQuantile& quantile,
                      const std::string& endpoint) {
  Telling shortest;
  for (const Trial* trial : good_trials(cell)) {
    const Quantiles latency = latency_of(*trial, endpoint);
    if (latency.*quantile.member) continue;
    if (latency.count >= quantile.needs()) return {trial, latency};
    if (shortest.trial == nullptr || latency.count < shortest.latency.count) {
      shortest = {trial, latency};
    }
  }
  return shortest;
}

/// A tenth more than the least that would have done, in whole seconds or tenths of one.
std::string long_enough(double seconds) {
  constexpr double kReserve = 1.1, kTenth = 0.1, kRounding = 1e-9;
  const double step = seconds * kReserve < 1 ? kTenth : 1;
  const double rounded = std::ceil(seconds * kReserve / step - kRounding) * step;
  return base::format_duration(std::chrono::milliseconds(std::llround(rounded * 1000)));
}

}  // namespace

std::string why_no_estimate(const CellReport& cell, const NamedQuantile& quantile,
                            const std::string& endpoint) {
  if (cell.schema_minor < 2) return {};
  const auto [trial, latency] = telling_trial(cell, quantile, endpoint);
  if (trial == nullptr) return {};
  const auto count = latency.count;
  if ((count == 0 && endpoint.empty()) || count >= quantile.needs()) {
    const std::string place = endpoint.empty() ? "" : fmt::format("endpoints.{}.", endpoint);
    const std::string name = fmt::format("{}latency_us.{}", place, quantile.name);
    for (const auto& [what, reason] : reasons_of(*trial)) {
      if (what == name) return reason;
    }
    return "nobody tells why";
  }
  const std::string longer = remedy(cell, quantile, endpoint);
  return fmt::format("a trial has {}, {} needs {}{}", base::counted(count, "answer"),
                     quantile.label, quantile.needs(),
                     longer.empty() ? "" : "; " + longer + " would do");
}

std::string remedy(const CellReport& cell, const NamedQuantile& quantile,
                   const std::string& endpoint) {
  const auto [trial, latency] = telling_trial(cell, quantile, endpoint);
  if (trial == nullptr || latency.count == 0 || latency.count >= quantile.needs()) return {};
  const double times = static_cast<double>(quantile.needs()) / static_cast<double>(latency.count);
  if (const auto requests = look_up<double>(cell.config, {"load", "requests"})) {
    return fmt::format("load.requests = {:.0f}", std::ceil(*requests * times));
  }
  constexpr double kDay = 86400;
  const double seconds = trial->measurement->measured_seconds * times;
  if (!(seconds > 0 && seconds < kDay)) return {};
  return fmt::format("load.measure = \"{}\"", long_enough(seconds));
}

std::optional<Quantiles> pooled_quantiles(const CellReport& cell) {
  const auto trials = good_trials(cell);
  if (trials.empty()) return std::nullopt;
  stats::Histogram all;
  for (const Trial* trial : trials) {
    const auto own = stats::Histogram::decode(trial->measurement->latency_hdr_v2_base64);
    if (!own) return std::nullopt;
    all.merge(*own);
  }
  return quantiles_of(all);
}

Pooled pooled_instead(const CellReport& cell, const NamedQuantile& quantile,
                      const std::optional<Quantiles>& all) {
  Pooled pooled{{}, {}, why_no_estimate(cell, quantile)};
  const auto is_spoilt = [&](const Trial* trial) {
    const Quantiles& own = trial->measurement->latency_us;
    return !(own.*quantile.member) && own.count >= quantile.needs(own.answers_beyond);
  };
  const auto is_withheld = [&](const Trial* trial) {
    return !is_spoilt(trial) || trial->measurement->withheld.contains(quantile.name);
  };
  const auto trials = good_trials(cell);
  if (std::ranges::any_of(trials, is_spoilt)) {
    if (all && std::ranges::all_of(trials, is_withheld))
      pooled.at_most_us = (*all).*quantile.member;
    return pooled;
  }
  if (all) pooled.value_us = (*all).*quantile.member;
  if (pooled.value_us) return pooled;
  if (!pooled.reason.empty()) pooled.reason += "; ";
  pooled.reason += all ? fmt::format("all {} together are too few as well", all->count)
                       : "not every trial has a histogram to pool";
  return pooled;
}

namespace {

std::optional<Summary> summary_of(const CellReport& cell, const Metric& metric) {
  std::vector<double> values;
  for (const Trial& trial : cell.trials) {
    if (const auto value = counted_metric_of(trial, metric)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  const stats::Location location(values);
  Summary summary;
  summary.metric = metric.name;
  summary.n = location.n();
  summary.median = location.estimate();
  if (const auto interval = location.interval(summary.confidence)) {
    summary.ci_low = interval->low;
    summary.ci_high = interval->high;
  }
  return summary;
}

/// The summaries of a cell that has not failed.
std::vector<Summary> summaries_of(const CellReport& cell, const DeclaredMetrics& declared) {
  std::vector<Summary> summaries;
  std::optional<std::optional<Quantiles>> all;  // merged at the first metric that needs them
  for (const Metric& metric : metrics()) {
    if (cell.schema_minor < metric.since_minor) continue;
    const auto* const quantile = quantile_of(metric);
    if (quantile != nullptr && !why_no_estimate(cell, *quantile).empty()) {
      if (!all) all = pooled_quantiles(cell);
      const Pooled pooled = pooled_instead(cell, *quantile, *all);
      Summary& summary = summaries.emplace_back();
      summary.metric = metric.name;
      summary.n = static_cast<int>(count_good(cell));
      summary.pooled = pooled.value_us;
      summary.reason = pooled.reason;
    } else if (auto summary = summary_of(cell, metric)) {
      summaries.push_back(std::move(*summary));
    }
  }
  for (const std::string& endpoint : endpoints_in(cell)) {
    for (const std::string& metric : endpoint_metric_names(endpoint)) {
      if (auto summary = summary_of(cell, *find_metric(metric, declared))) {
        summaries.push_back(std::move(*summary));
      }
    }
  }
  for (const std::string& service : services_in(cell)) {
    for (const std::string& metric : service_metric_names(service)) {
      if (auto summary = summary_of(cell, *find_metric(metric, declared))) {
        summaries.push_back(std::move(*summary));
      }
    }
  }
  for (const DeclaredMetric& metric : declared) {
    if (auto summary = summary_of(cell, *find_metric(metric.name, declared))) {
      summaries.push_back(std::move(*summary));
    }
  }
  return summaries;
}

bool is_load(const std::string& phase) {
  return phase == "warm-up" || phase == "measure" || phase == "drain";
}

bool is_targets(const std::string& part) {
  return part == "boot" || part == "workers" || part == "target";
}

}  // namespace

std::optional<Peak> peak_of(const CellReport& cell) {
  std::optional<Peak> peak;
  for (std::size_t i = 0; i < cell.trials.size(); ++i) {
    const auto& database = cell.trials[i].database;
    if (!counted_metric_of(cell.trials[i], built_in_metric("peak_connections"))) continue;
    const bool sampled = database.peak_connections_source == PeakSource::kSamples;
    if (!peak || *database.peak_connections > peak->connections) {
      peak = {*database.peak_connections, sampled || (peak && peak->sampled), i};
    }
    peak->sampled = peak->sampled || sampled;
  }
  return peak;
}

std::set<std::string> endpoints_in(const CellReport& cell) {
  std::set<std::string> names;
  for (const Trial& trial : cell.trials) {
    if (!trial.measurement) continue;
    for (const auto& [name, figures] : trial.measurement->endpoints) names.insert(name);
  }
  return names;
}

std::set<std::string> services_in(const CellReport& cell) {
  std::set<std::string> names;
  for (const Trial& trial : cell.trials) {
    for (const auto& [name, evidence] : trial.services) names.insert(name);
  }
  return names;
}

void summarise(CellReport& cell, const DeclaredMetrics& declared) {
  judge(cell);
  cell.summary.clear();
  if (cell.status != CellStatus::kFailed) cell.summary = summaries_of(cell, declared);
}

void summarise(Report& report) {
  for (CellReport& cell : report.cells) summarise(cell, report.metrics);
}

double overhead_seconds(const std::vector<Phase>& phases) {
  double own = 0;
  for (const Phase& phase : phases) {
    if (is_load(phase.name)) continue;
    own += phase.seconds;
    for (const auto& [part, seconds] : phase.parts) {
      if (is_targets(part)) own -= seconds;
    }
  }
  return own;
}

}  // namespace poolbench::report
