#pragma once

#include <string>
#include <vector>

#include "scenario/matrix/selector.h"
#include "scenario/mistakes.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// One --set, read.
struct SetOverride {
  Path path;
  Setting value;
};

/// Reads "path=value" words. The value is TOML; what is not TOML and does not look like a quoted
/// string, a list or a table is a string as it stands.
std::vector<SetOverride> read_set(const std::vector<std::string>& words, Mistakes& mistakes);

/// Puts the value into the tree of the file, whether the file wrote the path as nested tables or
/// with quoted keys that hold dots.
void apply(Setting& root, const SetOverride& change, Mistakes& mistakes);

/// A --set of what the matrix varies would be overwritten in every cell: a mistake.
void refuse_varied(const SetOverride& change, const Matrix& matrix, Mistakes& mistakes);

/// Reads "axis=value[,axis=value…]" words, values as they stand in cell ids.
std::vector<Selector> read_only(const std::vector<std::string>& words, const Matrix& matrix,
                                Mistakes& mistakes);

}  // namespace poolbench::scenario
