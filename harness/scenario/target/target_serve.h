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

/// Words that stand for nothing with this way to listen, and what to write instead.
std::vector<UnfilledWord> unfilled_words(const TargetSpec::Serve& serve);

/// The table [serve] of a target.toml that stands in `folder`; its command and environment may hold
/// `words`, too. What the rest of the file says that
/// does not go together with it becomes a mistake, too: placeholders of another way to listen, and
/// whatever would start something where the server runs already.
TargetSpec::Serve read_serve(TableReader& top, const std::filesystem::path& folder,
                             const base::OtherWords& words);

}  // namespace poolbench::scenario
