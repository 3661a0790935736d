#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace poolbench::base {

/// The whole file. kBadInput if it cannot be read, with the reason of the system.
Result<std::string> read_file(const std::filesystem::path& path);

/// Replaces the file or leaves the old one whole: temporary file beside it, fsync, rename, fsync of
/// the folder. Where the path is a symbolic link, that is done to what it leads to; what is no
/// plain file, a pipe or a device, stays and is written as it is. kFailed with the reason (disk
/// full, no permission) and the path.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// What lies directly in a folder, in the order of the names. kBadInput if it cannot be read, with
/// the reason of the system.
Result<std::vector<std::filesystem::path>> entries_of(const std::filesystem::path& folder);

/// The last `lines` lines of a file, at most `max_bytes`; empty if it cannot be read.
std::string tail_of_file(const std::filesystem::path& path, int lines,
                         std::size_t max_bytes = 8192);

/// SHA-256 of the bytes, 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same of a file's content, however large it is. kBadInput when it is no plain file or cannot
/// be read.
Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace poolbench::base
