#include "report/metric.h"

#include <fmt/format.h>

#include <cmath>

#include "report/report.h"

namespace poolbench::report {
namespace {

std::optional<double> ratio(std::optional<double> part, double whole) {
  if (!part || whole <= 0) return std::nullopt;
  return *part / whole;
}

std::optional<double> cpu_us_per_request(std::optional<double> cpu_seconds,
                                         const Measurement& measurement) {
  constexpr double kUsPerSecond = 1e6;
  const auto seconds = ratio(cpu_seconds, static_cast<double>(measurement.requests.worked_on()));
  if (!seconds) return std::nullopt;
  return *seconds * kUsPerSecond;
}

std::optional<double> to_double(std::optional<std::int64_t> value) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

std::optional<double> measured(const Trial& trial, const Measurement& measurement,
                               const std::string& metric) {
  if (metric == "throughput_requests_per_second") return measurement.throughput_requests_per_second;
  if (const auto* const quantile = quantile_of_metric(metric)) {
    return measurement.latency_us.*quantile->member;
  }
  if (metric == "target_cpu_us_per_request") {
    return cpu_us_per_request(trial.cpu_seconds.target, measurement);
  }
  if (metric == "postgres_cpu_us_per_request") {
    return cpu_us_per_request(trial.cpu_seconds.postgres, measurement);
  }
  if (metric == "generator_cpu_us_per_request") {
    return cpu_us_per_request(trial.cpu_seconds.generator, measurement);
  }
  if (metric == "error_ratio") {
    return ratio(static_cast<double>(measurement.requests.failed()),
                 static_cast<double>(measurement.requests.sent));
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> metric_of(const Trial& trial, const std::string& metric) {
  std::optional<double> value;
  if (metric == "sessions_per_request") {
    value = trial.database.sessions_per_request;
  } else if (metric == "peak_connections") {
    value = to_double(trial.database.peak_connections);
  } else if (trial.measurement) {
    value = measured(trial, *trial.measurement, metric);
  }
  if (value && !std::isfinite(*value)) value.reset();
  return value;
}

Reasons reasons_of(const Trial& trial) {
  Reasons reasons = trial.missing;
  if (!trial.measurement) return reasons;
  for (auto& reason : missing_of(*trial.measurement)) reasons.push_back(std::move(reason));
  return reasons;
}

std::optional<double> counted_metric_of(const Trial& trial, const std::string& metric) {
  const auto* const known = find_metric(metric);
  const bool spoilt = trial.status == TrialStatus::kInvalid && trial.disturbed;
  const bool counts =
      trial.status == TrialStatus::kOk || (spoilt && known != nullptr && known->machine_proof);
  return counts ? metric_of(trial, metric) : std::nullopt;
}

std::string format_number(double value) {
  const double size = std::abs(value);
  if (size >= 99.95 || size == 0) return fmt::format("{:.0f}", value);
  if (size >= 9.995) return fmt::format("{:.1f}", value);
  if (size >= 0.9995) return fmt::format("{:.2f}", value);
  if (size >= 0.00995) return fmt::format("{:.3f}", value);
  if (size >= 0.0001) return fmt::format("{:.4f}", value);
  return value > 0 ? "<0.0001" : ">-0.0001";
}

std::string format_value(const Metric& metric, double value) {
  const double shown = value * metric.display_factor;
  return metric.counts ? fmt::format("{:.4g}", shown) : format_number(shown);
}

}  // namespace poolbench::report
