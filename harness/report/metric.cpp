#include "report/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "report/built_in_metrics.h"
#include "report/validity.h"

namespace poolbench::report {

std::span<const Metric> metrics() {
  static const std::vector<Metric> all = built_in_metrics();
  return all;
}

namespace {

constexpr std::string_view kOfEndpoint = "endpoint.";

/// None where no endpoint has such a metric.
std::optional<Metric> find_endpoint_metric(std::string_view name) {
  const std::size_t point = name.rfind('.');
  if (point <= kOfEndpoint.size()) return std::nullopt;
  const auto whole = std::ranges::find(metrics(), name.substr(point + 1), &Metric::name);
  if (whole == metrics().end() || whole->value_of_endpoint == nullptr) return std::nullopt;
  Metric metric = *whole;
  metric.name = name;
  metric.endpoint = name.substr(kOfEndpoint.size(), point - kOfEndpoint.size());
  metric.label = fmt::format("{} {}", base::printable(metric.endpoint), whole->label);
  for (std::string& missing : metric.missing_as) {
    missing = fmt::format("endpoints.{}.{}", metric.endpoint, missing);
  }
  metric.value_in = nullptr;
  metric.quantile = nullptr;
  return metric;
}

Metric metric_from(const DeclaredMetric& declared) {
  Metric metric;
  metric.name = declared.name;
  const std::string per = declared.per ? fmt::format("/{}", word_of(*declared.per)) : "";
  metric.label = base::printable(fmt::format("{} {}{}", declared.name, declared.unit, per));
  metric.better = declared.better;
  metric.margin = declared.margin;
  metric.is_declared = true;
  metric.missing_as = {"metrics." + declared.name};
  return metric;
}

std::optional<double> declared_value_in(const Trial& trial, const Metric& metric) {
  const auto found = trial.metrics.find(metric.name);
  return found == trial.metrics.end() ? std::nullopt : found->second;
}

constexpr std::string_view kOfService = "service.";

/// None where no service has such a metric by itself.
std::optional<Metric> find_service_metric(std::string_view name) {
  const std::size_t point = name.rfind('.');
  if (point <= kOfService.size() || name.substr(point + 1) != kServiceCpu) return std::nullopt;
  Metric metric;
  metric.name = name;
  metric.service = name.substr(kOfService.size(), point - kOfService.size());
  metric.label = fmt::format("{} CPU µs/request", base::printable(metric.service));
  metric.margin = 0.05;
  metric.missing_as = {fmt::format("services.{}.cpu_seconds", metric.service)};
  return metric;
}

std::optional<double> service_cpu(const Trial& trial, const std::string& name) {
  const auto found = trial.services.find(name);
  if (!trial.measurement || found == trial.services.end()) return std::nullopt;
  const auto requests = static_cast<double>(trial.measurement->requests.worked_on());
  const auto& seconds = found->second.cpu_seconds;
  if (!seconds || requests <= 0) return std::nullopt;
  constexpr double kMicroseconds = 1e6;
  return *seconds / requests * kMicroseconds;
}

std::optional<double> value_in(const Trial& trial, const Metric& metric) {
  if (!metric.service.empty()) return service_cpu(trial, metric.service);
  if (metric.is_declared) return declared_value_in(trial, metric);
  if (metric.endpoint.empty()) return metric.value_in(trial);
  if (!trial.measurement) return std::nullopt;
  const auto& endpoints = trial.measurement->endpoints;
  const auto figures = endpoints.find(metric.endpoint);
  return figures == endpoints.end() ? std::nullopt : metric.value_of_endpoint(figures->second);
}

}  // namespace

std::optional<Metric> find_metric(std::string_view name, const DeclaredMetrics& declared) {
  if (name.starts_with(kOfEndpoint)) return find_endpoint_metric(name);
  if (name.starts_with(kOfService)) {
    if (auto metric = find_service_metric(name)) return metric;
  }
  const auto own = std::ranges::find(declared, name, &DeclaredMetric::name);
  if (own != declared.end()) return metric_from(*own);
  const auto found = std::ranges::find(metrics(), name, &Metric::name);
  return found == metrics().end() ? std::nullopt : std::optional(*found);
}

const Metric& built_in_metric(std::string_view name) {
  return *std::ranges::find(metrics(), name, &Metric::name);
}

std::vector<std::string> service_metric_names(std::string_view service) {
  return {fmt::format("{}{}.{}", kOfService, service, kServiceCpu)};
}

std::vector<std::string> endpoint_metric_names(std::string_view endpoint) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics()) {
    if (metric.value_of_endpoint == nullptr) continue;
    names.push_back(fmt::format("{}{}.{}", kOfEndpoint, endpoint, metric.name));
  }
  return names;
}

std::vector<std::string> metric_names(const DeclaredMetrics& declared) {
  std::vector<std::string> all;
  for (const Metric& metric : metrics()) all.push_back(metric.name);
  for (const DeclaredMetric& metric : declared) all.push_back(metric.name);
  return all;
}

const NamedQuantile* quantile_of(const Metric& metric) {
  if (metric.quantile == nullptr) return nullptr;
  return &*std::ranges::find(named_quantiles(), metric.quantile, &NamedQuantile::member);
}

std::string metric_label(std::string_view name, const DeclaredMetrics& declared) {
  const auto known = find_metric(name, declared);
  return known ? known->label : base::printable(name);
}

std::optional<double> metric_of(const Trial& trial, const Metric& metric) {
  const auto value = value_in(trial, metric);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<double> counted_metric_of(const Trial& trial, const Metric& metric) {
  return counts_for(trial, metric.machine_proof) ? metric_of(trial, metric) : std::nullopt;
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
