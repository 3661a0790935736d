#include "base/placeholder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace poolbench::base {
namespace {

using enum TextPlace;

constexpr unsigned operator|(TextPlace a, TextPlace b) { return unsigned(a) | unsigned(b); }
constexpr unsigned operator|(unsigned a, TextPlace b) { return a | unsigned(b); }

enum class Argument { kNone, kRangeIfAny, kRange, kFile };

struct Word {
  const char* name = "";
  unsigned places = 0;
  Argument argument = Argument::kNone;
};

constexpr unsigned kOfService = kServiceCommand | kService | kServiceParameter;
constexpr unsigned kOfTarget = kServe | kEnvironment | kParameter | kTemplate;
constexpr unsigned kStarted = kOfTarget | kOfService;
constexpr unsigned kDatabase = kOfTarget | kData | kDataEnvironment | kDataParameter;

/// Every word there is, and where it is known.
constexpr std::array kWords = {
    Word{kArgumentsWord, kServe | kData | kServiceCommand},
    Word{"database_url", kDatabase},
    Word{kHostWord, kStarted},
    Word{"nonce", unsigned(kRequest)},
    Word{"pgdatabase", kDatabase},
    Word{"pghost", kDatabase},
    Word{"pgpassword", kDatabase},
    Word{"pgport", kDatabase},
    Word{"pgsslrootcert", kDatabase},
    Word{"pguser", kDatabase},
    Word{kPickWord, unsigned(kRequest), Argument::kFile},
    Word{kPortWord, kStarted},
    Word{"prepared", kDatabase | kOfService | kPrepare | kVersions},
    Word{"random", unsigned(kRequest), Argument::kRange},
    Word{"seq", unsigned(kRequest), Argument::kRangeIfAny},
    Word{kSocketWord, kStarted},
    Word{kTlsAuthorityWord, kOfService},
    Word{kTlsCertWord, kStarted},
    Word{kTlsKeyWord, kStarted},
    Word{"upstream.database", kOfService},
    Word{"upstream.host", kOfService},
    Word{"upstream.password", kOfService},
    Word{"upstream.port", kOfService},
    Word{"upstream.sslmode", kOfService},
    Word{"upstream.sslrootcert", kOfService},
    Word{"upstream.user", kOfService},
    Word{kValueWord, kParameter | kDataParameter | kServiceParameter},
};

constexpr std::string_view kNotInArguments = " \t\n\r\f\v\"'{}";

bool begins_word(char c) { return c >= 'a' && c <= 'z'; }
bool continues_word(char c) {
  return begins_word(c) || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/// The length of a placeholder at the beginning of the text; 0 if there is none.
std::size_t placeholder_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '{' || !begins_word(text[1])) return 0;
  std::size_t end = 2;
  while (end < text.size() && continues_word(text[end])) ++end;
  if (end < text.size() && text[end] == ':') {
    const std::size_t argument = end + 1;
    end = std::min(text.find_first_of(kNotInArguments, argument), text.size());
    if (end == argument) return 0;
  }
  return end < text.size() && text[end] == '}' ? end + 1 : 0;
}

std::string in_braces(const Placeholder& placeholder) {
  return placeholder.argument.empty()
             ? fmt::format("{{{}}}", placeholder.word)
             : fmt::format("{{{}:{}}}", placeholder.word, placeholder.argument);
}

std::string with_argument(const Word& word) {
  switch (word.argument) {
    case Argument::kRange:
      return fmt::format("{}:1..9", word.name);
    case Argument::kFile:
      return fmt::format("{}:FILE", word.name);
    default:
      return word.name;
  }
}

std::string how_else(const Placeholder& placeholder, TextPlace place, const OtherWords& others,
                     const OtherWords& unfilled) {
  std::vector<std::string> names, shown;
  for (const Word& word : kWords) {
    if ((word.places & unsigned(place)) == 0) continue;
    if (std::ranges::find(unfilled, word.name) != unfilled.end()) continue;
    names.emplace_back(word.name);
    shown.push_back(with_argument(word));
  }
  names.insert(names.end(), others.begin(), others.end());
  shown.insert(shown.end(), others.begin(), others.end());
  std::string text;
  if (const auto near = nearest_name(placeholder.word, names); !near.empty()) {
    text = fmt::format("did you mean {{{}}}? ", near);
  }
  text += shown.empty() ? "no placeholder is known here"
                        : fmt::format("known here: {{{}}}", fmt::join(shown, "}, {"));
  return text + fmt::format("; the text {0} itself is written {{{0}}}", in_braces(placeholder));
}

/// What is wrong with the argument of a word; empty if nothing is.
std::string wrong_argument(Argument kind, const Placeholder& placeholder) {
  const std::string& argument = placeholder.argument;
  const bool is_range = parse_number_range(argument).has_value();
  switch (kind) {
    case Argument::kNone:
      if (argument.empty()) return {};
      return fmt::format("{} takes no argument", placeholder.word);
    case Argument::kRangeIfAny:
      if (argument.empty() || is_range) return {};
      return fmt::format("{} takes no argument, or whole numbers FROM..TO", placeholder.word);
    case Argument::kRange:
      if (is_range) return {};
      return fmt::format("{} takes whole numbers FROM..TO", placeholder.word);
    case Argument::kFile:
      if (!argument.empty()) return {};
      return fmt::format("{} takes the name of a file", placeholder.word);
  }
  return {};
}

}  // namespace

Template::Template(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    const bool doubled = rest.starts_with("{{");
    const std::size_t length = placeholder_length(rest.substr(doubled ? 1 : 0));
    const bool is_open = doubled && !rest.substr(length + 1).starts_with('}');
    if (length == 0 || is_open) {
      tail += rest.front();
      ++at;
      continue;
    }
    const std::size_t whole = doubled ? length + 2 : length;
    if (at > 0 && text[at - 1] == '$') {
      tail += rest.substr(0, whole);
    } else if (doubled) {
      tail += rest.substr(1, length);
    } else {
      const std::string_view inside = rest.substr(1, length - 2);
      const std::size_t colon = std::min(inside.find(':'), inside.size());
      placeholders.push_back({std::move(tail), std::string(inside.substr(0, colon)),
                              std::string(inside.substr(std::min(colon + 1, inside.size()))), at});
      tail.clear();
    }
    at += whole;
  }
}

std::vector<std::string> known_words(TextPlace place) {
  std::vector<std::string> known;
  for (const Word& word : kWords) {
    if ((word.places & unsigned(place)) != 0) known.emplace_back(word.name);
  }
  return known;
}

std::optional<Error> refuse(const Placeholder& placeholder, TextPlace place,
                            const OtherWords& others, const OtherWords& unfilled) {
  const auto word = std::ranges::find_if(kWords, [&](const Word& each) {
    return (each.places & unsigned(place)) != 0 && each.name == placeholder.word;
  });
  const bool is_other = std::ranges::find(others, placeholder.word) != others.end();
  Error error{ErrorCode::kBadInput, {}, {}, how_else(placeholder, place, others, unfilled)};
  if (word == kWords.end() && !is_other) {
    error.message = fmt::format("{} is no placeholder here", in_braces(placeholder));
    return error;
  }
  const Argument argument = word == kWords.end() ? Argument::kNone : word->argument;
  const std::string wrong = wrong_argument(argument, placeholder);
  if (wrong.empty()) return std::nullopt;
  error.message = fmt::format("{}, found {}", wrong, in_braces(placeholder));
  return error;
}

std::optional<Error> refuse(std::string_view text, TextPlace place, const OtherWords& others) {
  for (const Placeholder& placeholder : Template(text).placeholders) {
    if (auto error = refuse(placeholder, place, others)) return error;
  }
  return std::nullopt;
}

std::optional<NumberRange> parse_number_range(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool is_whole = error == std::errc() && stop == digits.data() + digits.size();
    return is_whole ? std::optional(value) : std::nullopt;
  };
  const auto least = number(text.substr(0, dots)), most = number(text.substr(dots + 2));
  if (!least || !most || *least > *most) return std::nullopt;
  return NumberRange{*least, *most};
}

bool is_word(std::string_view word) {
  const std::string whole = fmt::format("{{{}}}", word);
  return word.find(':') == std::string_view::npos && placeholder_length(whole) == whole.size();
}

bool holds_word(std::string_view text, std::string_view word) {
  return std::ranges::any_of(Template(text).placeholders,
                             [&](const Placeholder& found) { return found.word == word; });
}

std::string escaped(std::string_view text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = placeholder_length(text.substr(at));
    if (length == 0 || (at > 0 && text[at - 1] == '$')) {
      plain += text[at++];
    } else {
      plain += fmt::format("{{{}}}", text.substr(at, length));
      at += length;
    }
  }
  return plain;
}

std::string fill_known(std::string_view text, const WordValues& values) {
  std::string filled;
  Template parts(text);
  for (const Placeholder& placeholder : parts.placeholders) {
    filled += escaped(placeholder.before);
    const auto value = values.find(placeholder.word);
    filled += value == values.end() ? in_braces(placeholder) : escaped(value->second);
  }
  return filled + escaped(parts.tail);
}

Result<std::string> fill(std::string_view text, const WordValues& values) {
  std::string filled;
  Template parts(text);
  for (const Placeholder& placeholder : parts.placeholders) {
    const auto value = values.find(placeholder.word);
    if (value == values.end()) {
      return failed(fmt::format("what {} stands for is not known", in_braces(placeholder)), {},
                    fmt::format("it stands in \"{}\"", text));
    }
    filled += placeholder.before + value->second;
  }
  return filled + parts.tail;
}

}  // namespace poolbench::base
