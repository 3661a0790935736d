#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/target_spec.h"
#include "service/cache.h"

namespace poolbench::service {

/// SHA-256 over names and content of the files (folders: all files below, in order; byte code is
/// left out).
base::Result<std::string> hash_inputs(const std::filesystem::path& folder,
                                      const std::vector<std::string>& inputs);

/// Makes sure that what the target needs is there (a virtual environment, say), and returns its
/// folder. It is made once for each content of the target's inputs and kept in the cache. `say`
/// gets a line when there is something to wait for.
base::Result<std::filesystem::path> prepare_target(
    process::Supervisor& supervisor, const scenario::TargetSpec& target, const Cache& cache,
    const std::function<void(const std::string&)>& say);

/// `argv` with {prepared} filled in; a relative program with a '/' is taken from the target's
/// folder.
std::vector<std::string> target_command(const scenario::TargetSpec& target,
                                        std::vector<std::string> argv,
                                        const std::filesystem::path& prepared);

}  // namespace poolbench::service
