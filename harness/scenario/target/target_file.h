#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "scenario/mistakes.h"
#include "scenario/target/target_spec.h"

namespace poolbench::scenario {

/// Reads the text of a target.toml that stands in `folder`. Every mistake is collected; nothing is
/// returned if there is one.
std::optional<TargetSpec> read_target(const std::shared_ptr<const Source>& source,
                                      const std::filesystem::path& folder, Mistakes& mistakes);

}  // namespace poolbench::scenario
