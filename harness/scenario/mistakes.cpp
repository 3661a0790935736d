#include "scenario/mistakes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace poolbench::scenario {
namespace {

// Nobody reads more, and each costs a search for its line.
constexpr std::size_t kMostMistakes = 1000;
constexpr std::size_t kLongestQuote = 80;
constexpr std::size_t kLongestList = 30;

}  // namespace

std::string line_of(const Place& place) {
  const std::string& text = place.source->text;
  if (place.source->command_line) return text;
  std::size_t begin = 0;
  for (int line = 1; line < place.line; ++line) {
    begin = text.find('\n', begin);
    if (begin == std::string::npos) return {};
    ++begin;
  }
  std::string found = text.substr(begin, text.find('\n', begin) - begin);
  if (found.ends_with('\r')) found.pop_back();
  return found;
}

void Mistakes::add(const Place& place, std::string message, std::string next) {
  if (found_.size() >= kMostMistakes) return;
  if (!seen_.emplace(place.source->name, place.line, place.column, message).second) return;
  found_.push_back({.file = place.source->name,
                    .line = place.line,
                    .column = place.column,
                    .message = std::move(message),
                    .next = std::move(next),
                    .source_line = line_of(place)});
}

std::vector<Diagnostic> Mistakes::in_order() const {
  std::multimap<std::tuple<std::string, int, int>, const Diagnostic*> by_place;
  for (const Diagnostic& d : found_) by_place.emplace(std::tuple(d.file, d.line, d.column), &d);
  std::vector<Diagnostic> sorted;
  sorted.reserve(found_.size());
  for (const auto& [place, diagnostic] : by_place) sorted.push_back(*diagnostic);
  return sorted;
}

std::string in_quotes(std::string_view text) {
  const bool whole = text.size() <= kLongestQuote;
  const base::Json json =
      std::string(whole ? text : text.substr(0, kLongestQuote)) + (whole ? "" : "…");
  return base::json_dump(json);
}

std::string suggestion(std::string_view word, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) == known.end()) known.push_back(name);
  }
  if (const std::string near = base::nearest_name(word, known); !near.empty()) {
    return fmt::format("did you mean {}?", in_quotes(near));
  }
  if (known.empty()) return {};
  const std::size_t shown = std::min(known.size(), kLongestList);
  return fmt::format("known: {}{}",
                     fmt::join(known.begin(), known.begin() + std::ptrdiff_t(shown), ", "),
                     shown < known.size() ? ", …" : "");
}

}  // namespace poolbench::scenario
