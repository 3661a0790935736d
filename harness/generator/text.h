#pragma once

#include <string>
#include <vector>

#include "generator/find_rate.h"
#include "report/measurement.h"

namespace poolbench::generator {

/// "mean 1.200  p50 1.000 …" in milliseconds, of the quantiles there are; empty if none.
std::string quantiles_text(const report::Quantiles& quantiles);

/// A column of one character for each value, the highest of them being full.
std::string columns(const std::vector<double>& values);

/// A measurement for a person: totals, rate and its course, the distribution of latencies,
/// quantiles, connecting, status codes, errors by class, what the generator used, warnings.
std::string load_text(const report::Measurement& measurement);

/// The rates that were tried and the one that was found.
std::string found_rate_text(const FoundRate& found, const Objective& objective);
base::Json found_rate_json(const FoundRate& found, const Objective& objective);

}  // namespace poolbench::generator
