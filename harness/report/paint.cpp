#include "report/paint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

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

std::string printable_painted(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t sequence = std::min(text.find("\033["), text.size());
    result += printable(text.substr(0, sequence), true);
    text.remove_prefix(sequence);
    const std::size_t end =
        text.find_first_not_of("0123456789", std::min<std::size_t>(2, text.size()));
    const bool colour = end != std::string_view::npos && text[end] == 'm';
    const std::size_t length = colour ? end + 1 : std::min<std::size_t>(1, text.size());
    result += colour ? std::string(text.substr(0, length)) : printable(text.substr(0, length));
    text.remove_prefix(length);
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
