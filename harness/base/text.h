#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// Whether printable() would put something else in the place of the character.
bool is_unprintable(char32_t character);

/// Well-formed UTF-8 without anything that steers a terminal: bytes that are not UTF-8 become
/// U+FFFD; control characters (C0, DEL, C1) and those that turn the direction of writing become
/// spaces, and so do line ends unless kept. It is the way out for text that is not ours (an answer,
/// a log, the name of a file, a word of the command line), to a terminal or in any format.
std::string printable(std::string_view text, bool keep_lines = false);

/// "1 trial", "2 trials".
std::string counted(std::integral auto number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

/// A text as far as its first line end: what happened, where the end of a log may follow.
std::string first_line(std::string_view text);

/// The known name that `word` was probably meant to be (optimal string alignment distance at most a
/// third of its length, at least 1; never more than a third of the longer of the two), or empty. A
/// number is near to nothing. Ties go to the first.
std::string nearest_name(std::string_view word, std::span<const std::string> known);

/// The lines of a text that are not empty, without their line ends.
std::vector<std::string> lines_of(std::string_view text);

/// Any bytes as text of letters, digits, '+' and '/', padded with '=' (RFC 4648, 4).
std::string to_base64(std::string_view bytes);

/// The bytes again; the padding may be absent. None if another character is among the text.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace poolbench::base
