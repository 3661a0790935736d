#pragma once

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::diff {

/// Fills `comparisons` and `hypotheses` of a report from its trials, paired by block:
/// Hodges–Lehmann on log ratios, exact signed-rank interval, verdict rules of docs/method.md.
void compare_within(report::Report& report, const scenario::Scenario& scenario);

}  // namespace poolbench::diff
