#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/placeholder.h"
#include "scenario/target/target_file.h"

// How a target is served: what starts it, and where it listens; or where it runs already.

namespace poolbench::scenario {

class TableReader;

/// The required list `command`: a program and its arguments.
std::vector<std::string> required_command(TableReader& reader, base::TextPlace place);

/// The table [serve] of a target.toml that stands in `folder`. What the rest of the file says that
/// does not go together with it becomes a mistake, too: placeholders of another way to listen, and
/// whatever would start something where the server runs already.
TargetSpec::Serve read_serve(TableReader& top, const std::filesystem::path& folder);

}  // namespace poolbench::scenario
