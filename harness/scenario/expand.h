#pragma once

#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "scenario/mistakes.h"
#include "scenario/scenario.h"
#include "scenario/target/target_lookup.h"

namespace poolbench::scenario {

/// Validates and expands the text of a scenario file, with targets from `loader`: load_file without
/// its files. On failure: every mistake found.
tl::expected<Scenario, std::vector<Diagnostic>> expand(const std::shared_ptr<const Source>& source,
                                                       const Overrides& overrides,
                                                       const TargetLoader& loader);

}  // namespace poolbench::scenario
