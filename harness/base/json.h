#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace poolbench::base {

/// JSON whose objects keep the order in which keys were added.
using Json = nlohmann::ordered_json;

/// The value, or JSON's null where there is none.
template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace poolbench::base
