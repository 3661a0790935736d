#pragma once

#include <optional>
#include <vector>

#include "scenario/matrix/matrix.h"
#include "scenario/matrix/selector.h"

namespace poolbench::scenario {

/// Adds an axis for each list of the table [matrix], whether its path is one quoted key or nested
/// tables. False, and mistakes, if one is wrong.
bool read_axes(const Setting& table, Matrix& matrix, Mistakes& mistakes);

/// Reads one [[matrix.include]]: the axes it names with the values it gives them, sorted by axis.
/// Axes and values that the matrix does not have yet are added to it.
std::optional<std::vector<Condition>> read_include(const Setting& rule, Matrix& matrix,
                                                   Mistakes& mistakes);

/// Gives each axis its short name: the shortest suffix of its path that ends no other axis's path.
void name_axes(Matrix& matrix);

/// An axis that lies inside another ("target.params.pool.max_size" in "target.params.pool") would
/// be overwritten by it. False, and a mistake, if there is one.
bool refuse_axes_inside_axes(const Matrix& matrix, Mistakes& mistakes);

}  // namespace poolbench::scenario
