#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "scenario/mistakes.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// Reads TOML into a tree that knows its places in `source`. For a file `text` is the source's
/// text; for a value from the command line it is TOML made of it, and all places are that of the
/// command line. A syntax error is one mistake at its place, and nothing is returned. Dates and
/// numbers that are not finite are mistakes too (nothing takes them) and are left out. Files over
/// 256 KiB and absurd nesting are refused.
std::optional<Setting> parse_toml(std::string_view text,
                                  const std::shared_ptr<const Source>& source, Mistakes& mistakes);

}  // namespace poolbench::scenario
