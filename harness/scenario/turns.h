#pragma once

#include <vector>

#include "scenario/mistakes.h"
#include "scenario/scenario.h"
#include "scenario/setting.h"

namespace poolbench::scenario {

/// Whether the cells can share a block in turns (design.slice, which `design` sets).
void check_turns(const Setting* design, const std::vector<Cell>& cells, Mistakes& mistakes);

}  // namespace poolbench::scenario
