#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/diagnostics.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// The path of the axis whose values name variants.
inline constexpr const char* kVariantAxis = "variant";
/// More cells than this are refused before they are built.
inline constexpr std::size_t kMostCells = 10'000;

/// One varied setting, with the places it is written at.
struct MatrixAxis {
  std::string path;  ///< "target.params.workers" or "variant"
  std::string name;  ///< the shortest suffix of the path that no other axis has
  Place place;       ///< of the path
  std::vector<Setting> values;
};

/// One axis value of a combination: positions in Matrix::axes and in that axis's values.
struct Choice {
  std::size_t axis = 0;
  std::size_t value = 0;
  friend auto operator<=>(const Choice&, const Choice&) = default;
};

/// In the order of the axes, each axis at most once.
using Combination = std::vector<Choice>;

struct Matrix {
  std::vector<MatrixAxis> axes;
  std::vector<Combination> combinations;  ///< product − excluded + included, no two alike
  bool usable = true;  ///< false: some axis is wrong, so what refers to axes cannot be judged

  [[nodiscard]] const Setting& value(const Choice& choice) const {
    return axes[choice.axis].values[choice.value];
  }
};

/// Expands the table [matrix]; without one (null) there is a single empty combination.
Matrix read_matrix(const Setting* table, Mistakes& mistakes);

/// The axis meant by a full path or by a suffix of one that no other axis has.
std::optional<std::size_t> find_axis(const Matrix& matrix, std::string_view name);

/// "variant=pool,workers=2"; "all" for the empty combination.
std::string cell_id(const Matrix& matrix, const Combination& combination);

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
