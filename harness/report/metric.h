#pragma once

#include <optional>
#include <string>

#include "report/report.h"

namespace poolbench::report {

/// How a metric is read, shown and judged.
struct Metric {
  const char* name;       ///< as in reports and scenarios
  const char* label;      ///< with its unit, for tables: "requests/s", "p99 ms"
  double display_factor;  ///< shown value ÷ stored value: 0.001 where µs are shown as ms
  bool higher_is_better;
  bool counts;    ///< whole things, shown without decimals where there are none
  double margin;  ///< smallest relative change worth a verdict (docs/method.md)
};

/// Null for a name that scenario::metric_names() does not hold.
const Metric* find_metric(const std::string& name);

/// The value in the metric's display unit with three digits or more: "1054", "8.37", "0.0021".
std::string format_value(const Metric& metric, double value);
/// The same for a number already in the unit to show; "<0.0001" where nothing would be left of it.
std::string format_number(double value);

}  // namespace poolbench::report
