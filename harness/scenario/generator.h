#pragma once

#include "scenario/scenario.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {

/// Refuses, at the place of each setting, what the named generator cannot do, and says which of
/// them can. `target` may be incomplete.
void check_generator(TableReader& load, const LoadSettings& settings, const TargetSettings& target,
                     const Generators& generators);

}  // namespace poolbench::scenario
