#pragma once

#include <optional>

#include "report/report.h"

// Which parts of the time budget make the difference between two cells.

namespace poolbench::compare {

/// The differences of the parts, paired by block, and a sentence where they carry one. None for a
/// metric that the budget does not explain, without six blocks of both budgets, and where these
/// divide different things.
std::optional<report::Explanation> explain(const report::Report& report,
                                           const report::ComparisonResult& comparison);

}  // namespace poolbench::compare
