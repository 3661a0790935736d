#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "scenario/target/target_file.h"

// What a target says of where its requests' time goes: its table [budget].

namespace poolbench::scenario {

class TableReader;

/// Reads the table; it may name these parameters and metrics alone.
TargetSpec::Budget read_budget(TableReader& top, const std::map<std::string, ParameterSpec>& params,
                               const std::vector<MetricSpec>& metrics);

/// With these parameters; unset where the target does not say.
std::optional<double> serves_at_once(const TargetSpec::Budget& budget,
                                     const std::map<std::string, base::Json>& params);

}  // namespace poolbench::scenario
