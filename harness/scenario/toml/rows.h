#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/time.h"
#include "scenario/toml/reader.h"

// A table of the scenario as a list of its settings, each with all that is known of it.

namespace poolbench::scenario {

/// A setting: how it is read, and how it stands in the cell's settings in full.
template <typename Settings>
struct Row {
  const char* key = nullptr;
  /// Null: another row reads it.
  void (*read)(TableReader& reader, const char* key, Settings& settings) = nullptr;
  base::Json (*show)(const Settings& settings) = nullptr;  ///< may be kLeftOut
};
inline constexpr auto kLeftOut = base::Json::value_t::discarded;

template <typename Rows, typename Settings>
void read_rows(const Rows& rows, TableReader& reader, Settings& settings) {
  for (const auto& row : rows) {
    if (row.read != nullptr) row.read(reader, row.key, settings);
  }
}

template <typename Rows, typename Settings>
base::Json show_rows(const Rows& rows, const Settings& settings) {
  base::Json json = base::Json::object();
  for (const auto& row : rows) {
    base::Json value = row.show(settings);
    if (!value.is_discarded()) json[row.key] = std::move(value);
  }
  return json;
}

inline base::Json json_of(base::Duration duration) { return base::format_duration(duration); }
inline base::Json json_of(const std::filesystem::path& path) {
  return path.empty() ? base::Json() : base::Json(path.string());
}
template <typename Value>
base::Json json_of(const Value& value) {
  return value;
}
template <typename Value>
base::Json json_of(const std::optional<Value>& value) {
  return value ? json_of(*value) : base::Json();
}

// A member as a row's functions. What is absent or wrong leaves the default.

template <auto kMember, typename Settings>
base::Json show(const Settings& settings) {
  return json_of(settings.*kMember);
}

template <auto kMember, typename Settings>
void read_text(TableReader& reader, const char* key, Settings& settings) {
  if (auto text = reader.text(key)) settings.*kMember = *std::move(text);
}

template <auto kMember, typename Settings>
void read_boolean(TableReader& reader, const char* key, Settings& settings) {
  settings.*kMember = reader.boolean(key).value_or(settings.*kMember);
}

template <auto kMember, const auto& kRange, typename Settings>
void read_count(TableReader& reader, const char* key, Settings& settings) {
  const auto count = reader.integer(key, kRange.least, kRange.most);
  if (count) settings.*kMember = static_cast<int>(*count);
}

}  // namespace poolbench::scenario
