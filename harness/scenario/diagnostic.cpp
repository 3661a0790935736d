#include "scenario/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

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
    text += fmt::format("{}{} mistake{} in {}", text.empty() ? "" : ", ", count,
                        count == 1 ? "" : "s", file);
  }
  return text;
}

}  // namespace poolbench::scenario
