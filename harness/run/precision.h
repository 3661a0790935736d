#pragma once

#include <optional>

#include "report/report.h"

namespace poolbench::run {

/// The relative half-width √(high ÷ low) − 1 of the widest primary interval: of the comparisons or,
/// in a report without any, of the cells' throughput. Those that have nothing to estimate (a failed
/// cell, a value of 0) are left out. None while an interval is missing, or if there is none at all.
std::optional<double> widest_half_width(const report::Report& report);

}  // namespace poolbench::run
