#include "base/printable.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"

namespace poolbench::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Range {
  char32_t first, last;
};

constexpr Range kSteering[] = {{0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C},
                               {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
/// XML has no way to write them.
constexpr Range kNoCharacters[] = {{0xFFFE, 0xFFFF}};

template <std::size_t kCount>
bool is_in(const Range (&ranges)[kCount], char32_t code) {
  return std::ranges::any_of(
      ranges, [code](const Range& range) { return code >= range.first && code <= range.last; });
}

}  // namespace

std::string printable(std::string_view text, bool keep_lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto character = first_character(text);
    std::size_t length = character ? character->bytes : 1;
    if (!character || is_in(kNoCharacters, character->code)) {
      result += kReplacement;
      while (length < text.size() && continues_character(text[length])) ++length;
    } else if (is_in(kSteering, character->code) && !(keep_lines && text.front() == '\n')) {
      result += ' ';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return result;
}

std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

std::string json_dump(const Json& json, int indent) {
  const std::string dumped = json.dump(indent, ' ', false, Json::error_handler_t::replace);
  std::string result;
  result.reserve(dumped.size());
  for (std::string_view text = dumped; !text.empty();) {
    const Character character = first_character(text).value_or(Character{0, 1});
    // JSON's own text has line ends between its tokens, and nothing else of the kind.
    const bool line_end = character.code == '\n';
    if (!line_end && (is_in(kSteering, character.code) || is_in(kNoCharacters, character.code))) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(character.code));
    } else {
      result += text.substr(0, character.bytes);
    }
    text.remove_prefix(character.bytes);
  }
  return result;
}

}  // namespace poolbench::base
