#pragma once

#include <string>

#include "report/report.h"

namespace poolbench::report {

struct TextStyle {
  bool colour = false;
  int width = 100;  ///< columns available
};

/// The summary of a run for a person: what was run and where, one table row per cell (requests/s
/// with its interval over blocks, p50 and p99, ratio to the comparison's baseline, sessions per
/// request, peak connections, CPU split of target/PostgreSQL/generator, errors), comparisons with
/// published figures, hypotheses, failed cells with the application's own error, warnings. A failed
/// cell shows no rate.
std::string to_text(const Report& report, const TextStyle& style);

}  // namespace poolbench::report
