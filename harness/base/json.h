#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

// In json.cpp, so that the other files need not compile its members again.
extern template class nlohmann::basic_json<nlohmann::ordered_map>;

namespace poolbench::base {

/// JSON whose objects keep the order in which keys were added.
using Json = nlohmann::ordered_json;

/// The value, or JSON's null where there is none.
template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// What a JSON text holds; a discarded value (is_discarded()) if it is not JSON.
Json parse_json(std::string_view text);

/// JSON text, in one line unless `indent` is given. Never fails: bytes that are not UTF-8 become
/// U+FFFD. What printable() would change is escaped, so that the text can be shown and says the
/// same.
std::string json_dump(const Json& json, int indent = -1);

}  // namespace poolbench::base
