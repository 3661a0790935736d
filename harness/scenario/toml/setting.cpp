#include "scenario/toml/setting.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/json.h"

namespace poolbench::scenario {
namespace {

Setting::Member* find_member(Setting& table, std::string_view key) {
  const auto found = std::ranges::find(table.members, key, &Setting::Member::key);
  return found == table.members.end() ? nullptr : &*found;
}

Setting empty_table(const Place& place) {
  Setting table;
  table.place = place;
  return table;
}

}  // namespace

const Setting* Setting::find(std::string_view key) const {
  const auto found = std::ranges::find(members, key, &Member::key);
  return found == members.end() ? nullptr : &found->value;
}

bool is_bare_key(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

Path split_path(std::string_view dotted) {
  Path path;
  for (std::size_t begin = 0;;) {
    const std::size_t dot = dotted.find('.', begin);
    path.emplace_back(dotted.substr(begin, dot - begin));
    if (dot == std::string_view::npos) return path;
    begin = dot + 1;
  }
}

std::string join_path(const Path& path) { return fmt::format("{}", fmt::join(path, ".")); }

base::Json to_json(const Setting& setting) {
  if (setting.is_list()) {
    base::Json list = base::Json::array();
    for (const Setting& item : setting.items) list.push_back(to_json(item));
    return list;
  }
  if (!setting.is_table()) return setting.scalar;
  base::Json table = base::Json::object();
  for (const Setting::Member& member : setting.members) {
    table[member.key] = to_json(member.value);
  }
  return table;
}

bool same_value(const base::Json& a, const base::Json& b) {
  if (!a.is_structured() && !b.is_structured()) return a == b;
  return nlohmann::json(a) == nlohmann::json(b);
}

std::string value_text(const base::Json& value) {
  return value.is_string() ? value.get<std::string>() : base::json_dump(value);
}

std::string describe(const Setting& setting) {
  switch (setting.kind) {
    case Setting::Kind::kTable:
      return "a table";
    case Setting::Kind::kList:
      return "a list";
    case Setting::Kind::kString:
      return "the string " + in_quotes(setting.text());
    case Setting::Kind::kBoolean:
      return "the boolean " + base::json_dump(setting.scalar);
    case Setting::Kind::kInteger:
    case Setting::Kind::kNumber:
      return "the number " + base::json_dump(setting.scalar);
  }
  return {};
}

void put(Setting& root, const Path& path, Setting value, const Place& key_place) {
  Setting* table = &root;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!table->is_table()) *table = empty_table(key_place);
    Setting::Member* member = find_member(*table, path[i]);
    if (member == nullptr) {
      table->members.push_back({path[i], key_place, empty_table(key_place)});
      member = &table->members.back();
    }
    if (i + 1 == path.size()) {
      member->key_place = key_place;
      member->value = std::move(value);
      return;
    }
    table = &member->value;
  }
}

void overlay(Setting& lower, const Setting& upper) {
  for (const Setting::Member& member : upper.members) {
    Setting::Member* below = find_member(lower, member.key);
    if (below == nullptr) {
      lower.members.push_back(member);
    } else if (below->value.is_table() && member.value.is_table()) {
      overlay(below->value, member.value);
    } else {
      *below = member;
    }
  }
}

Setting with_dotted_keys_as_paths(const Setting& table) {
  Setting result = empty_table(table.place);
  for (const Setting::Member& member : table.members) {
    Setting one = empty_table(member.key_place);
    put(one, split_path(member.key), member.value, member.key_place);
    overlay(result, one);
  }
  return result;
}

}  // namespace poolbench::scenario
