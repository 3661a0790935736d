#pragma once

#include <string>

#include "load/find_rate.h"
#include "load/run.h"
#include "report/measurement.h"

namespace poolbench::cli {

/// How far a load is, in one line; `phase_length` is zero when it ends by count.
std::string progress_line(const load::Progress& progress, base::Duration phase_length);

/// A measurement for a person: totals, rate, the distribution of latencies, quantiles, connecting,
/// status codes, errors by class, warnings.
std::string load_text(const report::Measurement& measurement);

/// The rates that were tried and the one that was found.
std::string found_rate_text(const load::FoundRate& found, const load::Objective& objective);
base::Json found_rate_json(const load::FoundRate& found, const load::Objective& objective);

}  // namespace poolbench::cli
