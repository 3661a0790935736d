#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/placeholder.h"
#include "scenario/target/target_file.h"
#include "scenario/target/target_params.h"

// How a target is served: what starts it, and where it listens; or where it runs already.

namespace poolbench::scenario {

class TableReader;

/// Words that stand for nothing with the way to listen that [serve] says, and what to write
/// instead; known before it is read.
std::vector<UnfilledWord> unfilled_words(TableReader& top);

/// The table [serve] of a target.toml that stands in `folder`; its command and environment may hold
/// `words`, too, and not those that stand for nothing. What the rest of the file says that would
/// start something, where the server runs already, becomes a mistake, too.
TargetSpec::Serve read_serve(TableReader& top, const std::filesystem::path& folder,
                             const base::OtherWords& words);

}  // namespace poolbench::scenario
