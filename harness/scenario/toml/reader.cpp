#include "scenario/toml/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/time.h"

namespace poolbench::scenario {
namespace {

// The name of a file has 255 bytes at most, and a date, an id and the like stand beside this one.
constexpr std::size_t kLongestName = 100;
constexpr std::string_view kText = "a string";

template <typename Number>
std::string range_text(Number min, Number max) {
  if (max == std::numeric_limits<Number>::max()) return fmt::format("at least {}", min);
  if (min == std::numeric_limits<Number>::lowest()) return fmt::format("at most {}", max);
  return fmt::format("from {} to {}", min, max);
}

}  // namespace

std::string path_below(std::string_view path, std::string_view key) {
  const std::string shown = is_bare_key(key) ? std::string(key) : in_quotes(key);
  return path.empty() ? shown : fmt::format("{}.{}", path, shown);
}

std::string how_to_quote(const Setting& value) {
  if (value.is_table() || value.is_list() || value.is_string()) return {};
  const std::string quoted = in_quotes(base::json_dump(value.scalar));
  const std::string& word = value.place.source->text;
  if (!value.place.source->command_line) return "write " + quoted;
  return fmt::format("write --set '{}={}'", word.substr(0, word.find('=')), quoted);
}

void refuse_long_name(TableReader& top) {
  const Setting* name = top.any("name");
  if (name == nullptr || !name->is_string() || name->text().size() <= kLongestName) return;
  top.refuse("name",
             fmt::format("is {} bytes long, more than {}", name->text().size(), kLongestName),
             "folders are called by it: use a shorter one, and say more in summary");
}

TableReader::TableReader(const Setting* table, std::string path, Place fallback, Mistakes& mistakes)
    : table_(table), path_(std::move(path)), fallback_(std::move(fallback)), mistakes_(mistakes) {
  if (table_ == nullptr) return;
  if (table_->is_table()) {
    fallback_ = table_->place;
    return;
  }
  mistakes_.add(table_->place,
                fmt::format("{} must be a table, found {}", path_, describe(*table_)));
  table_ = nullptr;
}

const Setting* TableReader::any(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->find(key);
}

void TableReader::refuse_kind(const Setting& value, std::string_view key, std::string_view wanted) {
  mistakes_.add(value.place,
                fmt::format("{} must be {}, found {}", path(key), wanted, describe(value)),
                wanted == kText ? how_to_quote(value) : std::string());
}

const Setting* TableReader::of_kind(std::string_view key, Setting::Kind kind,
                                    std::string_view wanted) {
  const Setting* value = any(key);
  if (value == nullptr || value->kind == kind) return value;
  refuse_kind(*value, key, wanted);
  return nullptr;
}

std::optional<std::string> TableReader::text(std::string_view key) {
  const Setting* value = of_kind(key, Setting::Kind::kString, kText);
  return value == nullptr ? std::nullopt : std::optional(value->text());
}

std::optional<std::string> TableReader::choice(std::string_view key,
                                               const std::vector<std::string>& choices) {
  std::optional<std::string> word = text(key);
  if (!word || std::ranges::find(choices, *word) != choices.end()) return word;
  refuse(key, fmt::format("cannot be {}", in_quotes(*word)), suggestion(*word, choices));
  return std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const Setting* value = of_kind(key, Setting::Kind::kBoolean, "true or false");
  return value == nullptr ? std::nullopt : std::optional(value->scalar.get<bool>());
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  const Setting* value = of_kind(key, Setting::Kind::kInteger, "an integer");
  if (value == nullptr) return std::nullopt;
  const auto number = value->scalar.get<std::int64_t>();
  if (number >= min && number <= max) return number;
  refuse(key, fmt::format("must be {}, found {}", range_text(min, max), number));
  return std::nullopt;
}

std::optional<double> TableReader::number(std::string_view key, double min, double max) {
  const Setting* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (value->kind != Setting::Kind::kInteger && value->kind != Setting::Kind::kNumber) {
    refuse_kind(*value, key, "a number");
    return std::nullopt;
  }
  const double number = value->scalar.get<double>();
  if (number >= min && number <= max) return number;
  refuse(key, fmt::format("must be {}, found {}", range_text(min, max), number));
  return std::nullopt;
}

std::optional<base::Duration> TableReader::duration(std::string_view key, base::Duration min) {
  const Setting* value = any(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    const bool bare =
        value->kind == Setting::Kind::kInteger || value->kind == Setting::Kind::kNumber;
    refuse(key,
           fmt::format("must be a duration in quotes with its unit, found {}", describe(*value)),
           bare ? fmt::format("write \"{0}s\" or \"{0}ms\"", base::json_dump(value->scalar))
                : "write \"2s\", for example");
    return std::nullopt;
  }
  const base::Result<base::Duration> read = base::parse_duration(value->text());
  if (!read) {
    refuse(key, fmt::format("must be a duration, found {}", in_quotes(value->text())),
           read.error().next);
    return std::nullopt;
  }
  if (*read >= min && *read <= kLongestDuration) return *read;
  refuse(key, fmt::format("must be from {} to {}, found {}", base::format_duration(min),
                          base::format_duration(kLongestDuration), in_quotes(value->text())));
  return std::nullopt;
}

std::optional<double> TableReader::percentage(std::string_view key, double min, double max) {
  const Setting* value = any(key);
  if (value == nullptr) return std::nullopt;
  std::optional<double> ratio;
  if (value->is_string()) {
    if (const auto read = base::parse_percentage(value->text())) ratio = *read;
  }
  if (ratio && *ratio >= min && *ratio <= max) return ratio;
  refuse(key,
         fmt::format("must be a percentage in quotes from {}% to {}%, found {}", 100 * min,
                     100 * max, describe(*value)),
         "write \"2%\", for example");
  return std::nullopt;
}

const Setting* TableReader::table(std::string_view key) {
  return of_kind(key, Setting::Kind::kTable, "a table");
}

const Setting* TableReader::list(std::string_view key) {
  return of_kind(key, Setting::Kind::kList, "a list");
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> found;
  const Setting* values = list(key);
  if (values == nullptr) return found;
  for (const Setting& item : values->items) {
    if (item.is_string()) {
      found.push_back(item.text());
    } else {
      refuse_kind(item, key, "a list of strings");
    }
  }
  return found;
}

std::vector<const Setting*> TableReader::tables(std::string_view key) {
  std::vector<const Setting*> found;
  const Setting* values = any(key);
  if (values == nullptr) return found;
  const std::string wanted = fmt::format("a list of tables, each under its own [[{}]]", path(key));
  if (!values->is_list()) {
    refuse_kind(*values, key, wanted);
    return found;
  }
  for (const Setting& item : values->items) {
    if (item.is_table()) {
      found.push_back(&item);
    } else {
      refuse_kind(item, key, wanted);
    }
  }
  return found;
}

std::map<std::string, std::string> TableReader::text_by_name(std::string_view key) {
  std::map<std::string, std::string> found;
  const Setting* values = table(key);
  if (values == nullptr) return found;
  for (const Setting::Member& member : values->members) {
    if (member.value.is_string()) {
      found[member.key] = member.value.text();
    } else {
      mistakes_.add(member.value.place,
                    fmt::format("{} must be a string, found {}", path_below(path(key), member.key),
                                describe(member.value)),
                    how_to_quote(member.value));
    }
  }
  return found;
}

std::string TableReader::required_text(std::string_view key) {
  if (!has(key)) refuse_missing(key);
  return text(key).value_or("");
}

void TableReader::refuse_missing(std::string_view key, std::string next) {
  mistakes_.add(fallback_, fmt::format("{} is missing", path(key)), std::move(next));
}

void TableReader::refuse_unknown() {
  if (table_ == nullptr) return;
  for (const Setting::Member& member : table_->members) {
    if (std::ranges::find(known_, member.key) != known_.end()) continue;
    mistakes_.add(member.key_place, fmt::format("unknown key {}", path(member.key)),
                  suggestion(member.key, known_));
  }
}

void TableReader::refuse(std::string_view key, std::string_view what, std::string next) {
  mistakes_.add(place(key), fmt::format("{} {}", path(key), what), std::move(next));
}

bool TableReader::has(std::string_view key) const {
  return table_ != nullptr && table_->find(key) != nullptr;
}

const Place& TableReader::place(std::string_view key) const {
  const Setting* value = table_ == nullptr ? nullptr : table_->find(key);
  return value == nullptr ? fallback_ : value->place;
}

}  // namespace poolbench::scenario
