#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace poolbench::report {

/// A named quantity of a trial: where it comes from, how it is shown and judged. A built-in one
/// more is a row more of the table in metric.cpp; others are declared by a target.
struct Metric {
  std::string name;           ///< as in reports and scenarios; a built-in one ends with its unit
  std::string label;          ///< with the unit it is shown in, for tables: "requests/s", "p99 ms"
  double display_factor = 1;  ///< shown value ÷ stored value: 0.001 where µs are shown as ms
  Better better = Better::kLower;
  double margin = 0;    ///< smallest relative change worth a verdict (docs/method.md)
  bool counts = false;  ///< whole things, shown without decimals where there are none
  /// Counts what happened, which steal or a set clock cannot touch.
  bool machine_proof = false;
  int since_minor = 0;  ///< the minor schema from which on cells are summarised by it
  /// The value in a trial, if it has one; null for that of an endpoint, and for a declared one.
  std::optional<double> (*value_in)(const Trial&) = nullptr;
  /// The same of one endpoint of a mix; null for what only a whole trial has.
  std::optional<double> (*value_of_endpoint)(const EndpointFigures&) = nullptr;
  /// The endpoint whose metric it is, "endpoint.NAME.METRIC"; empty: the trial's.
  std::string endpoint{};
  /// The service whose metric it is, "service.NAME.METRIC"; empty: none's, or a declared one.
  std::string service{};
  bool is_declared = false;  ///< its values are in Trial::metrics
  /// What a trial's `missing` may call the quantity that the metric is made of, the best one first.
  std::vector<std::string> missing_as{};
  /// Of a quantile of the latency; null for all others.
  std::optional<double> Quantiles::* quantile = nullptr;
  /// How the value in a trial was found out, where there is more than one way: values found out in
  /// different ways are not the same quantity. Null: there is one way.
  PeakSource (*source_in)(const Trial&) = nullptr;
};

/// How the names of metrics of the time budget begin: "budget.connect_us".
inline constexpr std::string_view kOfBudget = "budget.";
/// The built-in metric of each service.
inline constexpr std::string_view kServiceCpu = "cpu_us_per_request";

/// The built-in ones, the default one first.
std::span<const Metric> metrics();
/// None for a name that no metric has, neither a built-in nor a declared one.
/// "endpoint.NAME.METRIC" is the metric of an endpoint, whether there is one of that name or not,
/// if an endpoint can have it; so is "service.NAME.METRIC" of a service.
std::optional<Metric> find_metric(std::string_view name, const DeclaredMetrics& declared);
/// The built-in one of that name, which must exist.
const Metric& built_in_metric(std::string_view name);
/// The built-in ones of a service.
std::vector<std::string> service_metric_names(std::string_view service);
/// All that an endpoint has.
std::vector<std::string> endpoint_metric_names(std::string_view endpoint);
/// The metrics that a scenario may name beside those of endpoints: the built-in ones, the default
/// one first, then the declared ones.
std::vector<std::string> metric_names(const DeclaredMetrics& declared);
/// The quantile that a metric is; null for other metrics.
const NamedQuantile* quantile_of(const Metric& metric);
/// For tables; the name itself, made printable, of a metric that nobody knows.
std::string metric_label(std::string_view name, const DeclaredMetrics& declared);

/// The metric's value in a trial, if it has one and it is finite.
std::optional<double> metric_of(const Trial& trial, const Metric& metric);
/// The same, if the trial counts for the metric: an ok trial counts for every one, a trial that
/// only the machine spoilt for those of which Metric::machine_proof is true.
std::optional<double> counted_metric_of(const Trial& trial, const Metric& metric);

/// The value in the metric's display unit with three digits or more: "1054", "8.37", "0.0021".
std::string format_value(const Metric& metric, double value);
/// The same for a number already in the unit to show; "<0.0001" where nothing would be left of it.
std::string format_number(double value);

}  // namespace poolbench::report
