#pragma once

#include <optional>
#include <vector>

#include "scenario/matrix/matrix.h"

namespace poolbench::scenario {

/// `axis = value` or `axis = [values]`.
struct Condition {
  std::size_t axis = 0;
  std::vector<std::size_t> values;  ///< positions in the axis's values
};

/// Chooses combinations: all conditions must hold.
using Selector = std::vector<Condition>;

/// Reads `{ variant = "pool", workers = [1, 2] }`. An axis may be named in full (also as nested
/// tables) or by a suffix that no other axis has. Unknown axes and values are mistakes, and then
/// nothing is returned.
std::optional<Selector> read_selector(const Setting& table, const Matrix& matrix,
                                      Mistakes& mistakes);

bool matches(const Selector& selector, const Combination& combination);

bool names_axis(const Selector& selector, std::size_t axis);

/// The position of a value among an axis's values.
std::optional<std::size_t> find_value(const MatrixAxis& axis, const base::Json& value);

/// An axis's values as they stand in cell ids.
std::vector<std::string> value_texts(const MatrixAxis& axis);

std::vector<std::string> axis_names(const Matrix& matrix);

}  // namespace poolbench::scenario
