#pragma once

#include <set>
#include <string>
#include <vector>

#include "scenario/matrix/matrix.h"
#include "scenario/scenario.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// Finds what is said of services in vain: cells that differ only in what a service that they do
/// not have is set to would be the same cell twice.
class ServiceCheck {
 public:
  explicit ServiceCheck(Mistakes& mistakes) : mistakes_(&mistakes) {}

  /// The axes of a combination.
  void check(const Cell& cell, const Matrix& matrix, const Combination& combination);
  /// The variant of a cell, by its settings.
  void check(const Cell& cell, const Setting& variant);
  /// The scenario's own tables: each service that they name is one of a cell.
  void check_base(const Setting& base, const std::vector<Cell>& cells);

 private:
  Mistakes* mistakes_;
  std::set<std::string> told_;  ///< axes
};

}  // namespace poolbench::scenario
