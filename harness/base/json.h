#pragma once

#if defined(__OPTIMIZE__) && !defined(JSON_ASSERT)
// The library asserts the invariants of every value that it makes or touches: with diagnostics,
// which visits all children, a large part of the time that it takes to read a report.
#define JSON_ASSERT(condition) static_cast<void>(0)
#endif
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
