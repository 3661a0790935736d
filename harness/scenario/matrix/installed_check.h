#pragma once

#include <map>
#include <string>
#include <vector>

#include "scenario/diagnostics.h"
#include "scenario/scenario.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// Cells that need a generator or a service's program that is not installed: mistakes, unless the
/// design leaves them out.
class InstalledCheck {
 public:
  InstalledCheck(const Generators& generators, Mistakes& mistakes)
      : generators_(&generators), mistakes_(&mistakes) {}

  /// What the cell needs; `settings` say where it is named.
  void note(const Cell& cell, const Setting& settings, const DesignSettings& design);
  /// Of a cell that was noted: whether it can run. If not it is skipped, or a mistake.
  bool passes(const Cell& cell, std::vector<SkippedCell>& skipped);
  /// None of the cells passed: a mistake all the same.
  void refuse_all(const Place& place);

 private:
  struct Lack {
    Place place;  ///< where it is named
    std::string what;
    std::string next;
    bool is_left_out = false;  ///< instead of being a mistake
  };

  const Generators* generators_;
  Mistakes* mistakes_;
  std::map<std::string, Lack> lacks_;  ///< by cell id
};

}  // namespace poolbench::scenario
