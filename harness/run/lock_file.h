#pragma once

#include <filesystem>
#include <string>

#include "base/raii.h"
#include "base/result.h"

// The file by which the runs of all users of a machine see each other. It lies in a folder that
// everybody may write to, so that what is found there may be anybody's.

namespace poolbench::run {

/// Opens it, or makes it. No link is followed, nothing but a plain file with no other name is
/// accepted, and nothing of its content is touched. kFailed says what is in the way.
base::Result<base::UniqueFd> open_lock_file(const std::filesystem::path& file);

/// Names the run that holds it, unless the file is another user's (root's excepted).
void name_holder(int fd, const std::string& run_id);

/// The run that holds it, if it is named and alive; else empty.
std::string holder(int fd);

}  // namespace poolbench::run
