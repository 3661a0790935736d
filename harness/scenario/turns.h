#pragma once

#include <string>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/scenario.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// Why the cells cannot share a block in turns; empty if they can.
std::string hindrance_to_turns(const std::vector<Cell>& cells);

/// Makes that a mistake of design.slice, which `design` sets.
void check_turns(const Setting* design, const std::vector<Cell>& cells, Mistakes& mistakes);

}  // namespace poolbench::scenario
