#include "scenario/diagnostics.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/json.h"
#include "base/text.h"

namespace poolbench::scenario {
namespace {

constexpr std::size_t kWidestLine = 200;

/// What stands before the caret: a space for each character before `column`, tabs kept.
std::string indentation(const std::string& line, int column) {
  std::string spaces;
  int at = 1;
  for (const char byte : line) {
    if (base::continues_character(byte)) continue;
    if (at++ >= column) break;
    spaces += byte == '\t' ? '\t' : ' ';
  }
  return spaces;
}

// Nobody reads more, and each costs a search for its line.
constexpr std::size_t kMostMistakes = 1000;
constexpr std::size_t kLongestQuote = 80;
constexpr std::size_t kLongestList = 30;

}  // namespace

std::string to_text(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const Diagnostic& d : diagnostics) {
    if (d.line > 0) {
      fmt::format_to(out, "{}:{}:{}: {}\n", d.file, d.line, d.column, d.message);
    } else {
      fmt::format_to(out, "{}: {}\n", d.file, d.message);
    }
    if (!d.source_line.empty() && d.source_line.size() <= kWidestLine) {
      fmt::format_to(out, "    {}\n", d.source_line);
      if (d.line > 0) fmt::format_to(out, "    {}^\n", indentation(d.source_line, d.column));
    }
    if (!d.next.empty()) fmt::format_to(out, "  next: {}\n", d.next);
  }
  return text;
}

std::string count_text(const std::vector<Diagnostic>& diagnostics) {
  std::vector<std::pair<std::string, int>> counts;
  for (const Diagnostic& d : diagnostics) {
    const auto known = std::ranges::find(counts, d.file, &std::pair<std::string, int>::first);
    if (known == counts.end()) {
      counts.emplace_back(d.file, 1);
    } else {
      ++known->second;
    }
  }
  std::string text;
  for (const auto& [file, count] : counts) {
    text +=
        fmt::format("{}{} in {}", text.empty() ? "" : ", ", base::counted(count, "mistake"), file);
  }
  return text;
}

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
