#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
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

/// A character (code point) and the number of bytes that it takes in UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

/// The first character of a text; none if the text is empty or begins with bytes that are not
/// well-formed UTF-8 (The Unicode Standard, table 3-7: nothing overlong, no surrogates, nothing
/// beyond U+10FFFF).
std::optional<Character> first_character(std::string_view text);

}  // namespace poolbench::base
