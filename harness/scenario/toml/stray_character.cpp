#include "scenario/toml/stray_character.h"

#include <fmt/format.h>

#include "base/text.h"

namespace poolbench::scenario {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr char kNone = '\0';
constexpr std::string_view kPlainFormat = "x{:02x}";
constexpr int kPlainWidth = 3;

bool is_stray(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const bool allowed_control = c == '\t' || c == '\n' || c == '\r';
  return byte >= 0x7f || (byte < ' ' && !allowed_control);
}

/// Walks over the text, knowing what it is inside of.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  std::optional<std::size_t> find() {
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    for (; at_ < text_.size(); ++at_) {
      if (quote_ != kNone) {
        within_quotes();
      } else if (in_comment_) {
        in_comment_ = text_[at_] != '\n';
      } else if (is_stray(text_[at_])) {
        return at_;
      } else {
        outside();
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t quotes_here(char quote) const {
    const std::size_t end = text_.find_first_not_of(quote, at_);
    return (end == std::string_view::npos ? text_.size() : end) - at_;
  }

  void outside() {
    const char c = text_[at_];
    in_comment_ = c == '#';
    if (c != '"' && c != '\'') return;
    quote_ = c;
    many_lines_ = quotes_here(c) >= 3;
    if (many_lines_) at_ += 2;
  }

  void within_quotes() {
    const char c = text_[at_];
    if (c == '\\' && quote_ == '"') {
      ++at_;
    } else if (!many_lines_) {
      if (c == quote_ || c == '\n') quote_ = kNone;
    } else if (c == quote_) {
      // Up to two quotes may stand before the three that close.
      const std::size_t run = quotes_here(c);
      if (run >= 3) quote_ = kNone;
      at_ += (run > 5 ? 5 : run) - 1;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char quote_ = kNone;
  bool many_lines_ = false;
  bool in_comment_ = false;
};

}  // namespace

std::optional<std::size_t> stray_character(std::string_view text) { return Walk(text).find(); }

std::string in_plain_characters(std::string_view text) {
  std::string plain;
  if (text.starts_with(kByteOrderMark)) {
    plain = kByteOrderMark;
    text.remove_prefix(kByteOrderMark.size());
  }
  for (const char c : text) {
    if (is_stray(c)) {
      plain += fmt::format(kPlainFormat, static_cast<unsigned char>(c));
    } else {
      plain += c;
    }
  }
  return plain;
}

int column_from_plain(std::string_view line, int plain_column) {
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  int column = 0;
  int width = 0;
  for (const char c : line) {
    if (!base::continues_character(c)) ++column;
    width += is_stray(c) ? kPlainWidth : 1;
    if (width >= plain_column) return column;
  }
  return column + plain_column - width;
}

}  // namespace poolbench::scenario
