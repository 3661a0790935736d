#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace poolbench::base {

/// SHA-256 of the bytes, 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

/// The same of a file's content, however large it is. kBadInput when it is no plain file or cannot
/// be read.
Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace poolbench::base
