#pragma once

#include <string>
#include <string_view>

namespace poolbench::base {

/// The path of the executable file that `name` means: itself if it holds a '/' (made absolute),
/// else the first in `path` (folders separated by ':'). Empty if there is none.
std::string find_program(std::string_view name, std::string_view path);

/// The same with our own PATH.
std::string find_program(std::string_view name);

}  // namespace poolbench::base
