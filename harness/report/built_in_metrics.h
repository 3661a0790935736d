#pragma once

#include <vector>

#include "report/metric.h"

namespace poolbench::report {

/// What every trial is measured by, in the order in which it is shown.
std::vector<Metric> built_in_metrics();

}  // namespace poolbench::report
