#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/target/target_spec.h"
#include "service/cache.h"

namespace poolbench::service {

/// SHA-256 over names and content of the inputs' files (scenario::input_files, in order), and then
/// over the commands that read them, as target.toml has them.
base::Result<std::string> hash_inputs(const std::filesystem::path& folder,
                                      const std::vector<std::string>& inputs,
                                      const std::vector<std::vector<std::string>>& commands);

/// Makes sure that what the target needs is there (a virtual environment, say), and returns its
/// folder. It is made once for each content of the target's inputs and kept in the cache. `say`
/// gets a line when there is something to wait for.
base::Result<std::filesystem::path> prepare_target(
    process::Supervisor& supervisor, const scenario::TargetSpec& target, const Cache& cache,
    const std::function<void(const std::string&)>& say);

}  // namespace poolbench::service
