#pragma once

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::compare {

/// Decides one claim from the report's trials. Bounds on values: the 95 % interval of every cell
/// against the bounds; below 6 trials only if all of them agree. Bounds on ratios: the 95 %
/// interval of every pair, or with both bounds the 90 % interval inside them (equivalence). The
/// evidence lists each cell or pair with its own verdict.
report::HypothesisResult decide(const scenario::Hypothesis& hypothesis,
                                const report::Report& report);

}  // namespace poolbench::compare
