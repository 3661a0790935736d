#pragma once

#include <nlohmann/json.hpp>

namespace poolbench::base {

/// JSON whose objects keep the order in which keys were added.
using Json = nlohmann::ordered_json;

}  // namespace poolbench::base
