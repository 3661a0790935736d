#include "report/paint.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace poolbench::report {
namespace {

const char* code_of(Colour colour) {
  switch (colour) {
    case Colour::kBold:
      return "1";
    case Colour::kDim:
      return "2";
    case Colour::kGreen:
      return "32";
    case Colour::kRed:
      return "31";
    case Colour::kYellow:
      return "33";
    case Colour::kPlain:
      break;
  }
  return "0";
}

}  // namespace

std::string paint(std::string_view text, Colour colour, bool enabled) {
  if (!enabled || colour == Colour::kPlain) return std::string(text);
  return fmt::format("\033[{}m{}\033[0m", code_of(colour), text);
}

std::size_t display_width(std::string_view text) { return base::characters_in(text); }

std::string printable(std::string_view text, bool keep_lines) {
  constexpr char kDelete = 0x7F;
  std::string result(text);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto c = static_cast<unsigned char>(result[i]);
    const bool line_end = c == '\n' && keep_lines;
    if ((c < ' ' && !line_end) || c == kDelete) result[i] = ' ';
    // U+0080 … U+009F are control characters too: C2 80 … C2 9F.
    const bool c1 =
        c == 0xC2 && i + 1 < result.size() && static_cast<unsigned char>(result[i + 1]) < 0xA0;
    if (c1) result.replace(i, 2, " ");
  }
  return result;
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string result = margin;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const std::size_t needed = display_width(word) + (column > indent ? 1 : 0);
    if (column > indent && column + needed > width) {
      result += '\n';
      result += margin;
      column = indent;
    }
    if (column > indent) result += ' ';
    result += word;
    column += column > indent ? needed : display_width(word);
  }
  return result;
}

}  // namespace poolbench::report
