#pragma once

#include <optional>
#include <string>
#include <utility>

#include "compare/between_reports.h"
#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::compare {

/// The axis that tells the cells of two checkouts apart: "side=base,variant=pool".
inline constexpr const char* kSideAxis = "side";

/// One scenario of the same file in two checkouts: the cells of both, under the axis `side`, with
/// the base's design and a comparison for each cell that both have. Hypotheses and references are
/// left out. kBadInput if they have no cell in common.
base::Result<scenario::Scenario> join_sides(const scenario::Scenario& base,
                                            const scenario::Scenario& head);

/// "variant=pool" of "side=base,variant=pool".
std::string id_without_side(const std::string& id);

/// The reports that the sides of such a run would have written, with the cells' ids as they were.
std::pair<report::Report, report::Report> split_sides(const report::Report& both);

/// Compares head with base within the blocks of their common run.
base::Result<Diff> compare_sides(const report::Report& both, DiffOptions options);

/// What both stages agree on: where the `second`, in fresh blocks, does not give the verdict
/// (improved or regressed) of the `first`, that becomes inconclusive. Reasons say what the second
/// stage found.
void confirm(Diff& first, const Diff& second);

}  // namespace poolbench::compare
