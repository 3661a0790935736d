#pragma once

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::compare {

/// Fills `comparisons` and `hypotheses` of a report from its trials, paired by block:
/// Hodges–Lehmann on log ratios, exact signed-rank interval, verdict rules of docs/method.md.
void compare_within(report::Report& report, const scenario::Scenario& scenario);

/// Answers comparisons of which name, metric, cells and margin are given: the same estimates,
/// verdicts and published ratios that compare_within gives them, as one family. Answers that the
/// questions already hold are not looked at.
std::vector<report::ComparisonResult> answer(
    const report::Report& report, const std::vector<report::ComparisonResult>& questions);

/// Decides one claim from the report's trials. Bounds on values: the 95 % interval of every cell
/// against the bounds; below 6 trials only if all of them agree. Bounds on ratios: the 95 %
/// interval of every pair, or with both bounds the 90 % interval inside them (equivalence). The
/// evidence lists each cell or pair with its own verdict.
report::HypothesisResult decide(const scenario::Hypothesis& hypothesis,
                                const report::Report& report);

}  // namespace poolbench::compare
