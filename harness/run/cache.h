#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/environment.h"
#include "service/cache.h"

namespace poolbench::run {

/// Where things are kept between runs: $POOLBENCH_CACHE, else $XDG_CACHE_HOME/poolbench if that is
/// an absolute path (others are to be ignored, says its specification), else ~/.cache/poolbench. It
/// need not exist.
std::filesystem::path cache_folder(const base::Environment& caller = base::own_environment());

/// The cache of a run. Where nothing can be written to cache_folder(), what is missing there is
/// made in `scratch`, and `note` gets a line that says why and what to do about it.
service::Cache open_cache(const std::filesystem::path& scratch,
                          const std::function<void(const std::string&)>& note,
                          const base::Environment& caller = base::own_environment());

}  // namespace poolbench::run
