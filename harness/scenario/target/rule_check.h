#pragma once

#include <map>
#include <string>
#include <tuple>

#include "scenario/mistakes.h"
#include "scenario/scenario.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// Collects the target's rules that cells break, and says each once for all the cells that break it
/// at the same place.
class RuleCheck {
 public:
  /// `tree` is what the cell was decoded from: it knows where each parameter was set.
  void check(const Cell& cell, const Setting& tree);
  void report(Mistakes& mistakes) const;

 private:
  struct Broken {
    const RuleSpec* rule = nullptr;
    Place place;
    std::string first_cell;
    std::size_t cells = 0;
  };
  std::map<std::tuple<const RuleSpec*, const Source*, int, int>, Broken> broken_;
};

}  // namespace poolbench::scenario
