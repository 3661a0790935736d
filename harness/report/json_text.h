#pragma once

#include <string>

#include "base/json.h"

namespace poolbench::report {

/// JSON as people and `git diff` like it: a line a member, indented by one space; arrays and small
/// objects of plain values on one line. Bytes that are not UTF-8 become U+FFFD. Ends with a
/// newline.
std::string json_text(const base::Json& json);

}  // namespace poolbench::report
