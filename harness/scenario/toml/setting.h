#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "scenario/diagnostics.h"

namespace poolbench::scenario {

/// One value of a scenario or target file, with the place it was written at. A tree of these is
/// what overrides, variants and axis values are laid over before anything is decoded.
struct Setting {
  enum class Kind { kTable, kList, kString, kBoolean, kInteger, kNumber };
  struct Member;

  Kind kind = Kind::kTable;
  Place place;
  base::Json scalar;            ///< the value of a string, boolean, integer or number
  std::vector<Setting> items;   ///< of a list
  std::vector<Member> members;  ///< of a table, in the order of the file

  [[nodiscard]] bool is_table() const { return kind == Kind::kTable; }
  [[nodiscard]] bool is_list() const { return kind == Kind::kList; }
  [[nodiscard]] bool is_string() const { return kind == Kind::kString; }
  /// The string's text; only for strings.
  [[nodiscard]] const std::string& text() const { return scalar.get_ref<const std::string&>(); }
  /// A table's member, or null.
  [[nodiscard]] const Setting* find(std::string_view key) const;
};

struct Setting::Member {
  std::string key;
  Place key_place;
  Setting value;
};

/// A dotted path in parts: {"target", "params", "workers"}.
using Path = std::vector<std::string>;

/// A key that TOML takes without quotes: letters, digits, '_' and '-'.
bool is_bare_key(std::string_view key);

Path split_path(std::string_view dotted);
std::string join_path(const Path& path);

base::Json to_json(const Setting& setting);

/// Equal as JSON, whatever the order of keys; 1 and 1.0 are equal, true and 1 are not.
bool same_value(const base::Json& a, const base::Json& b);

/// How a value stands in a cell id: a string bare, everything else as compact JSON.
std::string value_text(const base::Json& value);

/// What somebody wrote, for a message: `the string "50"`, `the number 5`, `a list`.
std::string describe(const Setting& setting);

/// Puts `value` at `path` below `root` (a table), replacing what is there. Tables missing on the
/// way are made, and a value in the way becomes a table; what is made is placed at `key_place`.
void put(Setting& root, const Path& path, Setting value, const Place& key_place);

/// Lays `upper` over `lower`, both tables: tables merge key by key, everything else is replaced.
void overlay(Setting& lower, const Setting& upper);

/// The table with each key "a.b" of its own members (not of deeper ones) read as the path a → b.
Setting with_dotted_keys_as_paths(const Setting& table);

/// Reads TOML into a tree that knows its places in `source`. For a file `text` is the source's
/// text; for a value from the command line it is TOML made of it, and all places are that of the
/// command line. A syntax error is one mistake at its place, and nothing is returned. Dates and
/// numbers that are not finite are mistakes too (nothing takes them) and are left out. Files over
/// 256 KiB and absurd nesting are refused.
std::optional<Setting> parse_toml(std::string_view text,
                                  const std::shared_ptr<const Source>& source, Mistakes& mistakes);

/// The offset of the first byte outside of quotes and comments that TOML allows nowhere but there:
/// any that is not ASCII, and control characters other than tab and line ends (TOML 1.0, "Spec"). A
/// byte order mark at the start is allowed.
/// Of a text that is not well formed otherwise it may find another or none.
std::optional<std::size_t> stray_character(std::string_view text);

/// The same text with each byte of such characters in hexadecimal, wherever it is: well formed if
/// `text` is.
std::string in_plain_characters(std::string_view text);

/// The column of `line`, in characters from 1, that is at this column of the line in plain
/// characters.
int column_from_plain(std::string_view line, int plain_column);

}  // namespace poolbench::scenario
