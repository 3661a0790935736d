#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace poolbench::scenario {

/// The offset of the first byte outside of quotes and comments that TOML allows nowhere but there:
/// any that is not ASCII, and control characters other than tab and line ends (TOML 1.0, "Spec"). A
/// byte order mark at the start is allowed.
std::optional<std::size_t> stray_character(std::string_view text);

}  // namespace poolbench::scenario
