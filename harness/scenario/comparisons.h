#pragma once

#include <set>
#include <string>
#include <vector>

#include "scenario/matrix/matrix.h"
#include "scenario/scenario.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {

/// The cells that [[compare]], [[hypothesis]] and [[reference]] speak of; cells[i] was built from
/// matrix.combinations[i].
struct Field {
  const Matrix& matrix;
  const std::vector<Cell>& cells;
  const Generators& generators;
  const report::DeclaredMetrics& metrics;
};

/// Each reads one list of tables of the scenario's top level. When the matrix is not usable, what
/// is said of cells is not judged.
std::vector<Comparison> read_comparisons(TableReader& top, const Field& field);
std::vector<Hypothesis> read_hypotheses(TableReader& top, const Field& field);
std::vector<Reference> read_references(TableReader& top, const Field& field);

/// Leaves out every cell that is not in `ids`, and every question that then speaks of nothing.
void keep_cells(Scenario& scenario, const std::set<std::string>& ids);

}  // namespace poolbench::scenario
