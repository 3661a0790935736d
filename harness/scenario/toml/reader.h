#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "scenario/diagnostics.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// The key as it stands in a dotted path: quoted unless it is a bare TOML key.
std::string path_below(std::string_view path, std::string_view key);

/// How a number or a boolean would be written as a string: in quotes, and on the command line these
/// within the shell's. Empty for any other value.
std::string how_to_quote(const Setting& value);

class TableReader;
/// Refuses a `name` that is too long for the folders that are called by it.
void refuse_long_name(TableReader& top);

/// No duration may be longer.
inline constexpr base::Duration kLongestDuration = std::chrono::hours(24);

/// Decodes one table. Each question names a key and so makes it known; what is wrong with the value
/// becomes a mistake at its place, and the answer is then empty, as for an absent key.
/// refuse_unknown(), asked last, makes mistakes of the keys that no question named.
class TableReader {
 public:
  /// A null `table` reads as an empty one; something that is not a table is a mistake. `fallback`
  /// is the place of what is missing when there is no table.
  TableReader(const Setting* table, std::string path, Place fallback, Mistakes& mistakes);

  /// The member, whatever it is; null if absent.
  const Setting* any(std::string_view key);
  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> choice(std::string_view key, const std::vector<std::string>& choices);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key,
                                      std::int64_t min = std::numeric_limits<std::int64_t>::min(),
                                      std::int64_t max = std::numeric_limits<std::int64_t>::max());
  /// An integer will do.
  std::optional<double> number(std::string_view key,
                               double min = std::numeric_limits<double>::lowest(),
                               double max = std::numeric_limits<double>::max());
  /// A string with a unit, from `min` to one day.
  std::optional<base::Duration> duration(std::string_view key, base::Duration min = {});
  /// A string such as "2%", as a ratio.
  std::optional<double> percentage(std::string_view key, double min, double max);
  const Setting* table(std::string_view key);
  const Setting* list(std::string_view key);
  /// A list of strings; empty if absent.
  std::vector<std::string> texts(std::string_view key);
  /// A list of tables, as [[key]] makes; empty if absent.
  std::vector<const Setting*> tables(std::string_view key);
  /// A table whose values are strings; empty if absent.
  std::map<std::string, std::string> text_by_name(std::string_view key);

  /// The same as text(), and a mistake if the key is absent.
  std::string required_text(std::string_view key);
  void refuse_missing(std::string_view key, std::string next = {});
  void refuse_unknown();
  /// A mistake about the value of `key`, at its place: "<path of key> <what>".
  void refuse(std::string_view key, std::string_view what, std::string next = {});

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] std::string path(std::string_view key) const { return path_below(path_, key); }
  /// Of the value of `key`, or of the table when it has none.
  [[nodiscard]] const Place& place(std::string_view key) const;
  [[nodiscard]] Mistakes& mistakes() const { return mistakes_; }

 private:
  const Setting* of_kind(std::string_view key, Setting::Kind kind, std::string_view wanted);
  void refuse_kind(const Setting& value, std::string_view key, std::string_view wanted);

  const Setting* table_;
  std::string path_;
  Place fallback_;
  Mistakes& mistakes_;
  std::vector<std::string> known_;
};

// A table as a list of its settings, each with all that is known of it.

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
