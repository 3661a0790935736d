#include "scenario/matrix/overrides.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <set>
#include <utility>

#include "base/time.h"
#include "scenario/cell_settings.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

Place command_line(const char* option, const std::string& word) {
  return {std::make_shared<const Source>(Source{option, word, true}), 0, 0};
}

/// The value of `value = <text>`, if that is TOML and nothing more than one value.
std::optional<Setting> one_value(std::string_view text, const Place& place, Mistakes& mistakes) {
  auto tree = parse_toml(fmt::format("value = {}", text), place.source, mistakes);
  if (!tree || tree->members.size() != 1) return std::nullopt;
  return std::move(tree->members.front().value);
}

std::optional<Setting> read_value(const std::string& text, const Place& place, Mistakes& mistakes) {
  const bool one_line = text.find('\n') == std::string::npos;
  Mistakes as_toml;
  if (auto value = one_value(text, place, as_toml); value && one_line) return value;
  const bool bare =
      !text.empty() && std::string_view("\"'[{").find(text.front()) == std::string_view::npos;
  // A quoted TOML string refuses what is not UTF-8 and control characters.
  const bool quotable = text.find_first_of("\"\\\n") == std::string::npos;
  Mistakes as_string;
  if (bare && quotable) {
    if (auto value = one_value("\"" + text + "\"", place, as_string)) return value;
  }
  for (const Diagnostic& d : as_toml.in_order()) {
    mistakes.add(place, d.message, "in a shell, put the whole PATH=VALUE between single quotes");
  }
  if (as_toml.empty()) mistakes.add(place, fmt::format("not a value: {}", in_quotes(text)));
  return std::nullopt;
}

/// Where the '=' stands that ends the key: the first one outside of quotes.
std::size_t end_of_key(std::string_view word) {
  char quote = 0;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const char c = word[at];
    if (quote == '"' && c == '\\') {
      ++at;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '=') {
      return at;
    } else if (c == '"' || c == '\'') {
      quote = c;
    }
  }
  return std::string_view::npos;
}

/// The parts of a key as TOML writes it, matrix."target.params.workers"; nothing if it is none.
std::optional<Path> read_key(std::string_view key, const Place& place) {
  const bool one_line = key.find_first_of("\r\n") == std::string_view::npos;
  Mistakes ignored;
  const auto tree = parse_toml(fmt::format("{} = 0", key), place.source, ignored);
  if (!one_line || !tree) return std::nullopt;
  Path path;
  const Setting* at = &*tree;
  for (; at->is_table() && at->members.size() == 1; at = &at->members.front().value) {
    path.push_back(at->members.front().key);
  }
  return at->is_table() ? std::nullopt : std::optional(path);
}

/// A part of a key that was quoted holds its dots, which the file may have written as tables.
Path without_first(Path path, std::size_t parts) {
  while (parts > 0) {
    Path front = split_path(path.front());
    path.erase(path.begin());
    if (front.size() > parts) {
      front.erase(front.begin(), front.begin() + std::ptrdiff_t(parts));
      path.insert(path.begin(), join_path(front));
      return path;
    }
    parts -= front.size();
  }
  return path;
}

/// The member whose key is the longest possible start of `rest`, and how many parts it takes.
std::pair<Setting::Member*, std::size_t> longest_member(Setting& table, const Path& rest) {
  for (std::size_t parts = rest.size(); parts > 0; --parts) {
    const std::string key =
        fmt::format("{}", fmt::join(rest.begin(), rest.begin() + std::ptrdiff_t(parts), "."));
    const auto found = std::ranges::find(table.members, key, &Setting::Member::key);
    if (found != table.members.end()) return {&*found, parts};
  }
  return {nullptr, 0};
}

/// Null if the file does not say it.
const Setting* find(const Setting& root, const char* table, const char* key) {
  const Setting* found = root.find(table);
  return found == nullptr ? nullptr : found->find(key);
}

/// Brings a time of [load] down to a second, and sets it where it is not there, if that is wanted.
void shorten(Setting& settings, const char* key, bool set_absent) {
  constexpr base::Duration kShort = std::chrono::seconds(1);
  const Setting* time = find(settings, "load", key);
  if (time == nullptr && !set_absent) return;
  const auto now = time != nullptr && time->is_string() ? base::parse_duration(time->text())
                                                        : base::Duration::max();
  if (now && *now <= kShort) return;
  Setting second;
  second.kind = Setting::Kind::kString;
  second.place = time == nullptr ? settings.place : time->place;
  second.scalar = "1s";
  put(settings, {"load", key}, second, settings.place);
}

/// Splits "a=1,b=2,3" at the commas that begin another axis: {"a=1", "b=2,3"}.
std::vector<std::string> split_conditions(const std::string& word) {
  std::vector<std::string> parts{""};
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == ',') {
      std::size_t end = i + 1;
      const auto names = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
      };
      while (end < word.size() && names(word[end])) ++end;
      if (end > i + 1 && end < word.size() && word[end] == '=') {
        parts.emplace_back();
        continue;
      }
    }
    parts.back() += word[i];
  }
  return parts;
}

std::string values_of_all_axes(const Matrix& matrix) {
  std::vector<std::string> axes;
  for (const MatrixAxis& axis : matrix.axes) {
    axes.push_back(fmt::format("{} = {}", axis.name, fmt::join(value_texts(axis), " | ")));
  }
  return axes.empty() ? "the scenario has no axes" : fmt::format("axes: {}", fmt::join(axes, "; "));
}

std::optional<Condition> read_condition(const std::string& text, const Matrix& matrix,
                                        const Place& place, Mistakes& mistakes) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto axis = find_axis(matrix, name);
  if (equals == std::string::npos || !axis) {
    mistakes.add(place,
                 equals == std::string::npos
                     ? fmt::format("{} is not AXIS=VALUE", in_quotes(text))
                     : fmt::format("the matrix has no axis {}", in_quotes(name)),
                 values_of_all_axes(matrix));
    return std::nullopt;
  }
  const std::vector<std::string> values = value_texts(matrix.axes[*axis]);
  const std::string value = text.substr(equals + 1);
  const auto found = std::ranges::find(values, value);
  if (found == values.end()) {
    mistakes.add(place,
                 fmt::format("axis {} has no value {}", matrix.axes[*axis].name, in_quotes(value)),
                 values_of_all_axes(matrix));
    return std::nullopt;
  }
  return Condition{*axis, {static_cast<std::size_t>(found - values.begin())}};
}

bool is_at_or_below(const std::string& path, const std::string& top) {
  return path == top || path.starts_with(top + ".");
}

}  // namespace

std::vector<SetOverride> read_set(const std::vector<std::string>& words, Mistakes& mistakes) {
  std::vector<SetOverride> changes;
  for (const std::string& word : words) {
    const Place place = command_line("--set", word);
    const std::size_t equals = end_of_key(word);
    const auto path =
        equals == std::string::npos ? std::nullopt : read_key(word.substr(0, equals), place);
    if (!path) {
      mistakes.add(place, fmt::format("{} is not PATH=VALUE", in_quotes(word)),
                   "write --set load.connections=20, for example");
      continue;
    }
    auto value = read_value(word.substr(equals + 1), place, mistakes);
    if (value) changes.push_back({*path, *std::move(value)});
  }
  return changes;
}

void apply(Setting& root, const SetOverride& change, Mistakes& mistakes) {
  const Place& place = change.value.place;
  Setting* table = &root;
  Path rest = change.path;
  while (true) {
    const Path all = split_path(join_path(rest));
    const auto [member, parts] = longest_member(*table, all);
    if (member == nullptr || parts == all.size() || !member->value.is_table()) {
      if (member != nullptr && parts < all.size() && member->value.is_list()) {
        mistakes.add(place, fmt::format("{} lies in a list", join_path(change.path)),
                     "change the scenario file instead");
        return;
      }
      Path target = without_first(rest, parts);
      if (member != nullptr) target.insert(target.begin(), member->key);
      put(*table, target, change.value, place);
      return;
    }
    table = &member->value;
    rest = without_first(rest, parts);
  }
}

void quicken(Setting& root, const std::vector<SetOverride>& given) {
  constexpr std::int64_t kFewestBlocks = 6;  // that give intervals
  const auto is_given = [&](const char* path) {
    return std::ranges::any_of(given,
                               [&](const auto& change) { return join_path(change.path) == path; });
  };
  for (const char* key : {"measure", "warmup"}) {
    if (is_given(fmt::format("load.{}", key).c_str())) continue;
    const bool counts = key == std::string_view("measure") && find(root, "load", "requests");
    if (!counts) shorten(root, key, find(root, "load", key) == nullptr);
    for (Setting::Member& member : root.members) {
      if (member.key != kVariantAxis) continue;
      for (Setting::Member& variant : member.value.members) shorten(variant.value, key, false);
    }
  }
  if (is_given("design.precision")) return;
  for (Setting::Member& table : root.members) {
    if (table.key != "design") continue;
    std::erase_if(table.value.members, [](const Setting::Member& member) {
      return member.key == "precision" || member.key == "max_blocks";
    });
  }
  const Setting* blocks = find(root, "design", "blocks");
  const bool few = blocks != nullptr && blocks->kind == Setting::Kind::kInteger &&
                   blocks->scalar.get<std::int64_t>() <= kFewestBlocks;
  if (!few && !is_given("design.blocks")) {
    Setting fewest;
    fewest.kind = Setting::Kind::kInteger;
    fewest.place = root.place;
    fewest.scalar = kFewestBlocks;
    put(root, {"design", "blocks"}, fewest, root.place);
  }
}

void refuse_varied(const SetOverride& change, const Matrix& matrix, Mistakes& mistakes) {
  const std::string path = join_path(change.path);
  for (const MatrixAxis& axis : matrix.axes) {
    // Below "variant" are the variants themselves.
    const bool below = axis.path != kVariantAxis && path.starts_with(axis.path + ".");
    if (path != axis.path && !below) continue;
    mistakes.add(change.value.place, fmt::format("the matrix varies {}", axis.path),
                 fmt::format("choose among its values with --only {}=…, or change the matrix with "
                             "--set 'matrix.{}=[…]'",
                             axis.name, axis.path));
  }
}

std::vector<Selector> read_only(const std::vector<std::string>& words, const Matrix& matrix,
                                Mistakes& mistakes) {
  std::vector<Selector> selectors;
  for (const std::string& word : words) {
    const Place place = command_line("--only", word);
    Selector selector;
    bool good = true;
    for (const std::string& part : split_conditions(word)) {
      const auto condition = read_condition(part, matrix, place, mistakes);
      good = good && condition.has_value();
      if (condition) selector.push_back(*condition);
    }
    if (!good) continue;
    const auto chosen = [&](const Combination& c) { return matches(selector, c); };
    if (std::ranges::none_of(matrix.combinations, chosen)) {
      mistakes.add(place, fmt::format("no cell has {}", word), values_of_all_axes(matrix));
    }
    selectors.push_back(std::move(selector));
  }
  return selectors;
}

Variants::Variants(const Setting* table, Mistakes& mistakes) {
  if (table == nullptr) return;
  const TableReader all(table, "variant", table->place, mistakes);
  for (const Setting::Member& member : table->members) {
    const std::string path = all.path(member.key);
    if (!member.value.is_table()) {
      mistakes.add(member.value.place,
                   fmt::format("{} must be a table, found {}", path, describe(member.value)));
    }
    Bundle bundle{member.key_place, with_dotted_keys_as_paths(member.value), {}};
    TableReader tables(&bundle.settings, path, member.key_place, mistakes);
    for (const std::string& name : cell_tables()) tables.table(name);
    tables.refuse_unknown();
    collect_leaves(bundle.settings, "", bundle.leaves);
    bundles_.emplace(member.key, std::move(bundle));
  }
}

void Variants::collect_leaves(const Setting& table, const std::string& prefix,
                              std::vector<Leaf>& leaves) {
  for (const Setting::Member& member : table.members) {
    const std::string path = prefix.empty() ? member.key : prefix + "." + member.key;
    if (member.value.is_table()) {
      collect_leaves(member.value, path, leaves);
    } else {
      leaves.push_back({path, member.key_place});
    }
  }
}

const Setting* Variants::find(const Setting& name, Mistakes& mistakes) const {
  const auto found = bundles_.find(name.text());
  if (found != bundles_.end()) return &found->second.settings;
  mistakes.add(name.place, fmt::format("there is no [variant.{}]", name.text()),
               suggestion(name.text(), names_of(bundles_)));
  return nullptr;
}

void Variants::refuse_overlap(const std::string& name, const Matrix& matrix,
                              const Combination& combination, Mistakes& mistakes) const {
  for (const Leaf& leaf : bundles_.at(name).leaves) {
    for (const Choice& choice : combination) {
      const std::string& axis = matrix.axes[choice.axis].path;
      if (!is_at_or_below(leaf.path, axis)) continue;
      mistakes.add(
          leaf.place,
          fmt::format("variant {} sets {}, which the matrix varies", in_quotes(name), axis),
          "leave it out here, or drop the axis");
    }
  }
}

void Variants::refuse_unused(const Matrix& matrix, Mistakes& mistakes) const {
  std::set<std::string> used;
  for (const Combination& combination : matrix.combinations) {
    for (const Choice& choice : combination) {
      if (matrix.axes[choice.axis].path == kVariantAxis) used.insert(matrix.value(choice).text());
    }
  }
  for (const auto& [name, bundle] : bundles_) {
    if (used.contains(name)) continue;
    mistakes.add(bundle.place, fmt::format("no cell uses variant {}", in_quotes(name)),
                 fmt::format("add it in [matrix]: variant = [\"{}\", …], or remove it", name));
  }
}

bool Variants::touch(const std::string& path) const {
  return std::ranges::any_of(bundles_, [&](const auto& entry) {
    return std::ranges::any_of(entry.second.leaves,
                               [&](const Leaf& leaf) { return is_at_or_below(leaf.path, path); });
  });
}

}  // namespace poolbench::scenario
