#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace poolbench::scenario {

/// The offset of the first byte outside of quotes and comments that TOML allows nowhere but there:
/// any that is not ASCII, and control characters other than tab and line ends (TOML 1.0, "Spec"). A
/// byte order mark at the start is allowed.
/// Of a text that is not well formed otherwise it may find another or none.
std::optional<std::size_t> stray_character(std::string_view text);

/// The same text with each byte of such characters in hexadecimal, wherever it is: well formed if
/// `text` is.
std::string in_plain_characters(std::string_view text);

/// The column of `line`, in characters from 1, that is at this column of the line in plain
/// characters.
int column_from_plain(std::string_view line, int plain_column);

}  // namespace poolbench::scenario
