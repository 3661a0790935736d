#pragma once

#include <string>

#include "load/run.h"
#include "report/measurement.h"

namespace poolbench::cli {

/// How far a load is, in one line.
std::string progress_line(const load::Progress& progress);

/// A measurement for a person: totals, rate, latencies, status codes, errors, warnings.
std::string load_text(const report::Measurement& measurement);

}  // namespace poolbench::cli
