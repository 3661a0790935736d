#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scenario/diagnostics.h"
#include "scenario/scenario.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// A run starts, or connects to, one server: another one named by a cell would serve nobody.
class ServerCheck {
 public:
  explicit ServerCheck(Mistakes& mistakes) : mistakes_(&mistakes) {}

  /// Where the settings of a cell name its servers.
  void note(const Cell& cell, const Setting& settings);
  /// Of the cells with these ids, each of which was noted. Tells the first mistake.
  void check(const std::vector<Cell>& cells, const std::set<std::string>& chosen);

 private:
  Mistakes* mistakes_;
  /// By cell id and key.
  std::map<std::string, std::map<std::string, Place>> places_;
};

}  // namespace poolbench::scenario
