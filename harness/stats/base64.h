#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace poolbench::stats {

/// Any bytes as text of letters, digits, '+' and '/', padded with '=' (RFC 4648, 4).
std::string to_base64(std::string_view bytes);

/// The bytes again; the padding may be absent. None if another character is among the text.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace poolbench::stats
