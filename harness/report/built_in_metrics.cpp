#include "report/built_in_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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

std::vector<Metric> load_metrics() {
  return {
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
  };
}

std::vector<Metric> session_metrics() {
  return {
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
  };
}

std::vector<Metric> cpu_metrics() {
  return {
      cpu_metric<&Cpu::target>("target_cpu_us_per_request", "target CPU µs/request",
                               "cpu_seconds.target"),
      cpu_metric<&Cpu::postgres>("postgres_cpu_us_per_request", "PostgreSQL CPU µs/request",
                                 "cpu_seconds.postgres"),
      cpu_metric<&Cpu::generator>("generator_cpu_us_per_request", "generator CPU µs/request",
                                  "cpu_seconds.generator"),
  };
}

std::vector<Metric> error_metrics() {
  return {
      Metric{.name = "error_ratio",
             .label = "errors/request",
             .margin = 0.10,
             .machine_proof = true,
             .value_in = error_ratio,
             .value_of_endpoint = endpoint_error_ratio,
             .missing_as = {"error_ratio"}},
  };
}

std::vector<Metric> statement_metrics() {
  return {
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
}

}  // namespace

std::vector<Metric> built_in_metrics() {
  std::vector<Metric> all;
  for (const auto part : {load_metrics, session_metrics, cpu_metrics, error_metrics,
                          statement_metrics, budget_metrics}) {
    std::ranges::move(part(), std::back_inserter(all));
  }
  return all;
}

}  // namespace poolbench::report
