#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/json.h"
#include "report/json_place.h"

namespace poolbench::report {

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

}  // namespace poolbench::report
