#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace poolbench::base {

/// Whether a byte of UTF-8 is one after the first of a character.
constexpr bool continues_character(char byte) {
  constexpr unsigned kMask = 0xC0;
  constexpr unsigned kContinuation = 0x80;
  return (static_cast<unsigned char>(byte) & kMask) == kContinuation;
}

/// How many characters (code points) a text in UTF-8 has.
inline std::size_t characters_in(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_character));
}

}  // namespace poolbench::base
