#include "scenario/target/placeholder_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace poolbench::scenario {
namespace {

std::ptrdiff_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !base::continues_character(c); });
}

/// Where byte `offset` of a string stands, if its line writes the string as it is up to there
/// (without escapes); else where the string begins.
Place place_within(const Setting& text, std::size_t offset) {
  Place place = text.place;
  const std::string line = line_of(place);
  std::size_t begin = 0;
  for (int column = 1; begin < line.size(); ++begin) {
    if (base::continues_character(line[begin])) continue;
    if (column++ == place.column) break;
  }
  const std::string_view before = std::string_view(text.text()).substr(0, offset);
  if (place.line == 0 || begin >= line.size() || !line.substr(begin + 1).starts_with(before)) {
    return place;
  }
  place.column += static_cast<int>(1 + characters(before));
  return place;
}

}  // namespace

void check_placeholders(const Setting& value, base::TextPlace place, const std::string& path,
                        Mistakes& mistakes) {
  for (const Setting& item : value.items) check_placeholders(item, place, path, mistakes);
  for (const Setting::Member& member : value.members) {
    check_placeholders(member.value, place, path_below(path, member.key), mistakes);
  }
  if (!value.is_string()) return;
  for (const base::Placeholder& found : base::Template(value.text()).placeholders) {
    if (const auto wrong = base::refuse(found, place)) {
      mistakes.add(place_within(value, found.offset), fmt::format("{}: {}", path, wrong->message),
                   wrong->next);
    }
  }
}

void check_placeholders(TableReader& reader, std::string_view key, base::TextPlace place) {
  if (const Setting* value = reader.any(key)) {
    check_placeholders(*value, place, reader.path(key), reader.mistakes());
  }
}

}  // namespace poolbench::scenario
