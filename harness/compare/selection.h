#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "report/report.h"

namespace poolbench::compare {

/// kBadInput, with the nearest name there is, for a metric that nobody knows. `declared`: those of
/// the reports.
base::Result<void> check_metrics(const std::vector<std::string>& metrics,
                                 const report::DeclaredMetrics& declared);

/// Which cells of two reports belong together, by id.
struct Selection {
  std::vector<std::pair<const report::CellReport*, const report::CellReport*>> matched;
  std::vector<std::string> only_in_base, only_in_head;
};

/// The cells that any of the selectors ("axis=value[,axis=value…]") matches; all if there is none.
/// The anchor, if there is one, always belongs to them: what all cells share shows in its row
/// alone. kBadInput for a selector that matches no cell. Points into both reports.
base::Result<Selection> select_cells(const report::Report& base, const report::Report& head,
                                     const std::vector<std::string>& only,
                                     const std::string& anchor);

/// The id of the cell through which reports are compared: the one asked for ("none": empty); else
/// the first baseline of the report's comparisons, or its first cell, that is good in both with
/// the same settings, if there are other cells besides. kBadInput if the one asked for is not.
base::Result<std::string> choose_anchor(const report::Report& base, const report::Report& head,
                                        const std::optional<std::string>& asked);

}  // namespace poolbench::compare
