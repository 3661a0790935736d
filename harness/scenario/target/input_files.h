#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace poolbench::scenario {

/// What stands below the inputs of a target: each file by its path, with an empty text. A symbolic
/// link to a folder is followed; one that leads nowhere, or to a folder that was listed already (as
/// a loop does), stands for itself, with where it leads as its text.
using InputFiles = std::map<std::filesystem::path, std::string>;

/// Lists an input, a file or folder below `folder`, with all that stands in it, less Python's byte
/// code. Fails when it cannot be read, and when there is no file.
base::Result<InputFiles> input_files(const std::filesystem::path& folder, const std::string& input);

}  // namespace poolbench::scenario
