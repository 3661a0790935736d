// From its headers and without exceptions, whatever the package's own flags say. The nesting limit
// bounds recursion here and in everything that walks the tree.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 32
// Of some malformed texts toml++ asserts what its own error handling then refuses: let it come to
// that. (With NDEBUG it would tell the compiler that they cannot be.)
#undef NDEBUG
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "scenario/toml/setting.h"

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

constexpr std::size_t kLargestFile = std::size_t{256} * 1024;
constexpr int kMostDotsInALine = 100;

class Converter {
 public:
  Converter(const std::shared_ptr<const Source>& source, Mistakes& mistakes)
      : source_(source), mistakes_(mistakes) {}

  [[nodiscard]] Place place(toml::source_position at) const {
    if (source_->command_line) return {source_, 0, 0};
    return {source_, std::max(1, static_cast<int>(at.line)),
            std::max(1, static_cast<int>(at.column))};
  }

  Setting table(const toml::table& from, const Place& at) {
    Setting to;
    to.place = at;
    for (const auto& [key, node] : from) {
      const Place key_place = place(key.source().begin);
      std::optional<Setting> value = convert(node, key_place);
      if (value) to.members.push_back({std::string(key.str()), key_place, *std::move(value)});
    }
    // toml++ sorts by key; people expect the order they wrote.
    std::ranges::sort(to.members, {}, [](const Setting::Member& member) {
      return std::tuple(member.key_place.line, member.key_place.column, member.key);
    });
    return to;
  }

 private:
  std::optional<Setting> convert(const toml::node& node, const Place& key_place) {
    Setting to;
    to.place = node.source().begin ? place(node.source().begin) : key_place;
    if (const auto* inner = node.as_table()) return table(*inner, to.place);
    if (const auto* list = node.as_array()) {
      to.kind = Setting::Kind::kList;
      for (const toml::node& item : *list) {
        if (auto value = convert(item, to.place)) to.items.push_back(*std::move(value));
      }
      return to;
    }
    if (scalar(node, to)) return to;
    return std::nullopt;
  }

  bool scalar(const toml::node& node, Setting& to) {
    if (const auto* text = node.as_string()) {
      if (text->get().find('\0') != std::string::npos) {
        mistakes_.add(to.place, "no setting takes a NUL character");
        return false;
      }
      to.kind = Setting::Kind::kString;
      to.scalar = text->get();
    } else if (const auto* boolean = node.as_boolean()) {
      to.kind = Setting::Kind::kBoolean;
      to.scalar = boolean->get();
    } else if (const auto* integer = node.as_integer()) {
      to.kind = Setting::Kind::kInteger;
      to.scalar = integer->get();
    } else if (const auto* number = node.as_floating_point();
               number != nullptr && std::isfinite(number->get())) {
      to.kind = Setting::Kind::kNumber;
      to.scalar = number->get();
    } else if (number != nullptr) {
      mistakes_.add(to.place, "inf and nan are not numbers that a setting can have");
      return false;
    } else {
      mistakes_.add(to.place, "no setting takes a date or a time",
                    "put it in quotes if it is meant as text");
      return false;
    }
    return true;
  }

  const std::shared_ptr<const Source>& source_;
  Mistakes& mistakes_;
};

/// Line and column, from 1, of a byte.
toml::source_position position_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::ranges::count(before, '\n');
  const std::string_view line = before.substr(before.rfind('\n') + 1);  // npos + 1 is 0
  return {static_cast<toml::source_index>(lines + 1),
          static_cast<toml::source_index>(base::characters_in(line) + 1)};
}

/// The line with so many dots between key parts that its tables would nest beyond reason, or 0.
int line_of_endless_key(std::string_view text) {
  int line = 1;
  int dots = 0;
  bool after_dot = false;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    }
    if (after_dot && c != '.' && c != '\n' && ++dots > kMostDotsInALine) return line;
    after_dot = c == '.';
  }
  return 0;
}

void refuse(const toml::parse_error& error, const Place& place, Mistakes& mistakes) {
  mistakes.add(place, fmt::format("not TOML: {}", error.description()));
}

/// A text that toml++ must not be given is a mistake: one beyond reason, in another encoding, or
/// with characters of which it has undefined behaviour.
bool refuse_unfit(std::string_view text, const Converter& converter, Mistakes& mistakes) {
  if (text.size() > kLargestFile) {
    mistakes.add(converter.place({1, 1}),
                 fmt::format("{} bytes, more than the {} that are read", text.size(), kLargestFile),
                 "is it a scenario at all?");
    return true;
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    mistakes.add(converter.place({1, 1}), "not TOML: it is UTF-16", "save it as UTF-8");
    return true;
  }
  if (const int line = line_of_endless_key(text); line > 0) {
    mistakes.add(converter.place({static_cast<toml::source_index>(line), 1}),
                 fmt::format("more than {} dots in a line", kMostDotsInALine),
                 "is it a scenario at all?");
    return true;
  }
  // toml++ 3.3 has undefined behaviour for some of them.
  if (const auto stray = stray_character(text)) {
    mistakes.add(converter.place(position_of(text, *stray)),
                 "not TOML: a character that may stand only within quotes or a comment",
                 "put it in quotes, or take it out");
    return true;
  }
  return false;
}

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

std::optional<Setting> parse_toml(std::string_view text,
                                  const std::shared_ptr<const Source>& source, Mistakes& mistakes) {
  Converter converter(source, mistakes);
  if (refuse_unfit(text, converter, mistakes)) return std::nullopt;
  // Where quotes begin and end is certain only if all else is well formed.
  const toml::parse_result plain = toml::parse(in_plain_characters(text));
  if (!plain) {
    Place at = converter.place(plain.error().source().begin);
    at.column = column_from_plain(line_of(at), at.column);
    refuse(plain.error(), at, mistakes);
    return std::nullopt;
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    refuse(result.error(), converter.place(result.error().source().begin), mistakes);
    return std::nullopt;
  }
  return converter.table(result.table(), converter.place({1, 1}));
}

}  // namespace poolbench::scenario
