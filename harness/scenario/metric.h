#pragma once

#include <string>
#include <vector>

namespace poolbench::scenario {

/// The metrics a scenario may name, the default one first.
const std::vector<std::string>& metric_names();

}  // namespace poolbench::scenario
