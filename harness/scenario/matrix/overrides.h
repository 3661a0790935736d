#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenario/diagnostics.h"
#include "scenario/matrix/matrix.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// One --set, read.
struct SetOverride {
  Path path;
  Setting value;
};

/// Reads "path=value" words. The path is a key as TOML writes it, dotted and quoted where it must
/// be. The value is TOML; what is not TOML and does not look like a quoted
/// string, a list or a table is a string as it stands.
std::vector<SetOverride> read_set(const std::vector<std::string>& words, Mistakes& mistakes);

/// Puts the value into the tree of the file, whether the file wrote the path as nested tables or
/// with quoted keys that hold dots.
void apply(Setting& root, const SetOverride& change, Mistakes& mistakes);

/// What --quick makes of a file with the changes that were `given`, which stay: as few blocks as
/// give intervals, and a second each to warm up and to measure, where it or a variant has more. A
/// number of requests stays, and so does what the matrix varies.
void quicken(Setting& root, const std::vector<SetOverride>& given);

/// A --set of what the matrix varies would be overwritten in every cell: a mistake.
void refuse_varied(const SetOverride& change, const Matrix& matrix, Mistakes& mistakes);

/// Reads "axis=value[,axis=value…]" words, values as they stand in cell ids.
std::vector<Selector> read_only(const std::vector<std::string>& words, const Matrix& matrix,
                                Mistakes& mistakes);

/// The [variant.NAME] bundles of a scenario.
class Variants {
 public:
  /// Reads the table [variant] (null: none). Bundles may hold only the tables of a cell.
  Variants(const Setting* table, Mistakes& mistakes);

  /// The bundle that a value of the axis "variant" names; null, and a mistake, if there is none.
  const Setting* find(const Setting& name, Mistakes& mistakes) const;

  /// A variant that sets what another axis of the same cell varies would be overwritten: a mistake.
  void refuse_overlap(const std::string& name, const Matrix& matrix, const Combination& combination,
                      Mistakes& mistakes) const;

  /// Variants that no cell uses are mistakes.
  void refuse_unused(const Matrix& matrix, Mistakes& mistakes) const;

  /// Whether any bundle sets something at or below the path.
  [[nodiscard]] bool touch(const std::string& path) const;

 private:
  struct Leaf {
    std::string path;
    Place place;
  };
  struct Bundle {
    Place place;
    Setting settings;
    std::vector<Leaf> leaves;
  };
  static void collect_leaves(const Setting& table, const std::string& prefix,
                             std::vector<Leaf>& leaves);

  std::map<std::string, Bundle> bundles_;
};

}  // namespace poolbench::scenario
