#pragma once

#include <string>

#include "scenario/metric.h"

namespace poolbench::report {

using scenario::find_metric;
using scenario::Metric;

/// The value in the metric's display unit with three digits or more: "1054", "8.37", "0.0021".
std::string format_value(const Metric& metric, double value);
/// The same for a number already in the unit to show; "<0.0001" where nothing would be left of it.
std::string format_number(double value);

}  // namespace poolbench::report
