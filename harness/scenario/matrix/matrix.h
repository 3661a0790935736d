#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/mistakes.h"
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

}  // namespace poolbench::scenario
