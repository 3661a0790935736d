#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/json_place.h"
#include "report/text.h"

// The parts of to_text(report), in the order in which it puts them together. Each ends with a
// newline, or is empty when there is nothing to say.

namespace poolbench::report {

std::string header_text(const Report& report, const TextStyle& style);
std::string cells_text(const Report& report, const TextStyle& style);
std::string comparisons_text(const Report& report, const TextStyle& style);
std::string hypotheses_text(const Report& report, const TextStyle& style);
std::string published_text(const Report& report, const TextStyle& style);
std::string notes_text(const Report& report, const TextStyle& style);

/// The value at a path of keys, if it is there and has that type.
template <typename T>
std::optional<T> look_up(const base::Json& json, std::initializer_list<std::string_view> keys) {
  const base::Json* place = &json;
  for (const std::string_view key : keys) {
    if (!place->is_object()) return std::nullopt;
    const auto member = place->find(key);
    if (member == place->end()) return std::nullopt;
    place = &*member;
  }
  std::optional<base::Error> failure;
  T value{};
  JsonPlace(*place, failure).to(value);
  if (failure) return std::nullopt;
  return value;
}

/// "PostgreSQL 17.5 · django 5.2.17": what is not empty, with middle dots between.
std::string join_parts(const std::vector<std::string>& parts);

const CellReport* find_cell(const Report& report, const std::string& id);

}  // namespace poolbench::report
