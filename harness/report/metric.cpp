#include "report/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "report/validity.h"

namespace poolbench::report {
namespace {

constexpr double kMsPerUs = 0.001, kUsPerSecond = 1e6;

std::optional<double> ratio(std::optional<double> part, double whole) {
  if (!part || whole <= 0) return std::nullopt;
  return *part / whole;
}

std::optional<double> throughput(const Trial& trial) {
  if (!trial.measurement) return std::nullopt;
  return trial.measurement->throughput_requests_per_second;
}

template <std::optional<double> Quantiles::* member>
std::optional<double> latency(const Trial& trial) {
  return trial.measurement ? trial.measurement->latency_us.*member : std::nullopt;
}

std::optional<double> endpoint_throughput(const EndpointFigures& figures) {
  return figures.throughput_requests_per_second;
}

template <std::optional<double> Quantiles::* member>
std::optional<double> endpoint_latency(const EndpointFigures& figures) {
  return figures.latency_us.*member;
}

std::optional<double> endpoint_error_ratio(const EndpointFigures& figures) {
  return ratio(static_cast<double>(figures.failed()), static_cast<double>(figures.sent));
}

std::optional<double> sessions(const Trial& trial) { return trial.database.sessions_per_request; }

std::optional<double> peak(const Trial& trial) {
  const auto& peak = trial.database.peak_connections;
  return peak ? std::optional(static_cast<double>(*peak)) : std::nullopt;
}

template <StateFigures SessionActivity::* state>
std::optional<double> mean_in_state(const Trial& trial) {
  const auto& activity = trial.database.activity;
  return activity ? std::optional(((*activity).*state).mean) : std::nullopt;
}

std::optional<double> wal_bytes_per_request(const Trial& trial) {
  const auto& bytes = trial.database.wal_bytes;
  if (!trial.measurement || !bytes) return std::nullopt;
  const auto requests = static_cast<double>(trial.measurement->requests.worked_on());
  return ratio(static_cast<double>(*bytes), requests);
}

/// Reports before 1.2 have samples, and do not say so.
PeakSource peak_source(const Trial& trial) {
  return trial.database.peak_connections_source.value_or(PeakSource::kSamples);
}

template <std::optional<double> PerService<double>::* service>
std::optional<double> cpu_us_per_request(const Trial& trial) {
  if (!trial.measurement) return std::nullopt;
  const auto requests = static_cast<double>(trial.measurement->requests.worked_on());
  const auto seconds = ratio(trial.cpu_seconds.*service, requests);
  return seconds ? std::optional(*seconds * kUsPerSecond) : std::nullopt;
}

template <auto member>
std::optional<double> per_request_of_statements(const Trial& trial) {
  const auto& statements = trial.database.statements;
  if (!trial.measurement || !statements) return std::nullopt;
  const auto requests = static_cast<double>(trial.measurement->requests.worked_on());
  return ratio(static_cast<double>((*statements).*member), requests);
}

template <auto part>
std::optional<double> budget_part(const Trial& trial) {
  return trial.budget ? std::optional<double>((*trial.budget).*part) : std::nullopt;
}

std::optional<double> error_ratio(const Trial& trial) {
  if (!trial.measurement) return std::nullopt;
  const Requests& requests = trial.measurement->requests;
  return ratio(static_cast<double>(requests.failed()), static_cast<double>(requests.sent));
}

template <std::optional<double> Quantiles::* member>
Metric latency_metric(const char* name, const char* label, double margin, int since_minor,
                      std::string missing_as) {
  return {.name = name,
          .label = label,
          .display_factor = kMsPerUs,
          .margin = margin,
          .since_minor = since_minor,
          .value_in = latency<member>,
          .value_of_endpoint = endpoint_latency<member>,
          .missing_as = {std::move(missing_as), "latency_us"},
          .quantile = member};
}

template <std::optional<double> PerService<double>::* service>
Metric cpu_metric(const char* name, const char* label, std::string missing_as) {
  return {.name = name,
          .label = label,
          .margin = 0.05,
          .value_in = cpu_us_per_request<service>,
          .missing_as = {std::move(missing_as), "cpu_seconds"}};
}

template <auto part>
Metric budget_metric(const char* member, const char* label, Better better = Better::kLower) {
  return {.name = fmt::format("{}{}", kOfBudget, member),
          .label = label,
          .display_factor = kMsPerUs,
          .better = better,
          .margin = 0.05,
          .since_minor = 2,
          .value_in = budget_part<part>,
          .missing_as = {fmt::format("{}{}", kOfBudget, member), "budget"}};
}

std::vector<Metric> budget_metrics() {
  return {
      budget_metric<&Budget::total_us>("total_us", "time budget ms/request"),
      budget_metric<&Budget::connect_us>("connect_us", "connecting ms/request"),
      budget_metric<&Budget::connection_wait_us>("connection_wait_us",
                                                 "wait for a connection ms/request"),
      budget_metric<&Budget::query_us>("query_us", "queries ms/request"),
      budget_metric<&Budget::round_trip_us>("round_trip_us", "round trips ms/request"),
      budget_metric<&Budget::application_cpu_us>("application_cpu_us",
                                                 "application CPU ms/request"),
      budget_metric<&Budget::processor_wait_us>("processor_wait_us",
                                                "wait for a processor ms/request"),
      budget_metric<&Budget::generator_us>("generator_us", "generator ms/request"),
      budget_metric<&Budget::unexplained_us>("unexplained_us", "unexplained ms/request",
                                             Better::kNeither),
      budget_metric<&Budget::queue_us>("queue_us", "wait for a worker ms/request"),
  };
}

using Cpu = PerService<double>;

std::vector<Metric> built_in_metrics() {
  std::vector<Metric> all{
      Metric{.name = "throughput_requests_per_second",
             .label = "requests/s",
             .better = Better::kHigher,
             .margin = 0.03,
             .value_in = throughput,
             .value_of_endpoint = endpoint_throughput,
             .missing_as = {"throughput_requests_per_second"}},
      latency_metric<&Quantiles::p50>("latency_p50_us", "p50 ms", 0.05, 0, "latency_us.p50"),
      latency_metric<&Quantiles::p75>("latency_p75_us", "p75 ms", 0.05, 2, "latency_us.p75"),
      latency_metric<&Quantiles::p90>("latency_p90_us", "p90 ms", 0.10, 2, "latency_us.p90"),
      latency_metric<&Quantiles::p95>("latency_p95_us", "p95 ms", 0.10, 2, "latency_us.p95"),
      latency_metric<&Quantiles::p99>("latency_p99_us", "p99 ms", 0.10, 0, "latency_us.p99"),
      latency_metric<&Quantiles::p999>("latency_p999_us", "p99.9 ms", 0.20, 2, "latency_us.p999"),
      Metric{.name = "sessions_per_request",
             .label = "sessions/request",
             .margin = 0.05,
             .machine_proof = true,
             .value_in = sessions,
             .missing_as = {"database.sessions_per_request", "sessions_per_request", "database"}},
      Metric{.name = "peak_connections",
             .label = "peak connections",
             .margin = 0.05,
             .counts = true,
             .machine_proof = true,
             .value_in = peak,
             .missing_as = {"database.peak_connections", "peak_connections", "database"},
             .source_in = peak_source},
      Metric{.name = "active_sessions_mean",
             .label = "active sessions",
             .better = Better::kNeither,
             .margin = 0.05,
             .since_minor = 2,
             .value_in = mean_in_state<&SessionActivity::active>,
             .missing_as = {"database.activity", "database"}},
      Metric{.name = "idle_in_transaction_sessions_mean",
             .label = "idle in transaction",
             .margin = 0.05,
             .since_minor = 2,
             .value_in = mean_in_state<&SessionActivity::idle_in_transaction>,
             .missing_as = {"database.activity", "database"}},
      Metric{.name = "wal_bytes_per_request",
             .label = "WAL B/request",
             .margin = 0.05,
             .since_minor = 2,
             .value_in = wal_bytes_per_request,
             .missing_as = {"database.wal_bytes", "database"}},
      cpu_metric<&Cpu::target>("target_cpu_us_per_request", "target CPU µs/request",
                               "cpu_seconds.target"),
      cpu_metric<&Cpu::postgres>("postgres_cpu_us_per_request", "PostgreSQL CPU µs/request",
                                 "cpu_seconds.postgres"),
      cpu_metric<&Cpu::generator>("generator_cpu_us_per_request", "generator CPU µs/request",
                                  "cpu_seconds.generator"),
      Metric{.name = "error_ratio",
             .label = "errors/request",
             .margin = 0.10,
             .machine_proof = true,
             .value_in = error_ratio,
             .value_of_endpoint = endpoint_error_ratio,
             .missing_as = {"error_ratio"}},
      Metric{.name = "postgres_query_us_per_request",
             .label = "queries µs/request",
             .margin = 0.05,
             .since_minor = 2,
             .value_in = per_request_of_statements<&StatementSums::execution_us>,
             .missing_as = {"database.statements", "budget.query_us", "database"}},
      Metric{.name = "postgres_statements_per_request",
             .label = "statements/request",
             .margin = 0.05,
             .since_minor = 2,
             .value_in = per_request_of_statements<&StatementSums::calls>,
             .missing_as = {"database.statements", "budget.query_us", "database"}},
  };
  std::ranges::move(budget_metrics(), std::back_inserter(all));
  return all;
}

}  // namespace

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

constexpr std::string_view kOfService = "service.", kServiceCpu = "cpu_us_per_request";

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
  const auto seconds = ratio(found->second.cpu_seconds, requests);
  return seconds ? std::optional(*seconds * kUsPerSecond) : std::nullopt;
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
