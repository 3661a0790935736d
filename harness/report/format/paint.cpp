#include "report/format/paint.h"

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

namespace {

constexpr std::size_t kGap = 2;

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& [row, whole] : rows_) {
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      widths[i] = std::max(widths[i], display_width(row[i].text));
    }
  }
  return widths;
}

std::size_t Table::width() const {
  std::size_t sum = 0;
  for (const std::size_t width : widths()) sum += width > 0 ? width + kGap : 0;
  return sum > kGap ? sum - kGap : 0;
}

std::string Table::to_text(bool colour, std::size_t indent) const {
  const auto widths = this->widths();
  std::string text;
  for (const auto& [row, whole] : rows_) {
    text.append(indent, ' ');
    text += whole;
    std::size_t pending = 0;  // spaces are written only when something follows them
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i) {
      if (widths[i] == 0) continue;
      const std::size_t padding = widths[i] - display_width(row[i].text);
      const bool right = columns_[i] == Align::kRight;
      if (row[i].text.empty()) {
        pending += padding + kGap;
        continue;
      }
      text.append(pending + (right ? padding : 0), ' ');
      text += paint(row[i].text, row[i].colour, colour);
      pending = (right ? 0 : padding) + kGap;
    }
    text += '\n';
  }
  return text;
}

}  // namespace poolbench::report
