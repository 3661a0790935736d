#pragma once

#include <vector>

#include "report/report.h"

namespace poolbench::report {

/// poolbench's own share of a trial, in seconds: its phases less those of the load ("warm-up",
/// "measure", "drain") and less the parts that are the target's ("boot", "workers", "target").
double overhead_seconds(const std::vector<Phase>& phases);

}  // namespace poolbench::report
