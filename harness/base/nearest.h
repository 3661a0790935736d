#pragma once

#include <span>
#include <string>
#include <string_view>

namespace poolbench::base {

/// The known name that `word` was probably meant to be (optimal string alignment distance at most a
/// third of its length, at least 1; never more than a third of the longer of the two), or empty. A
/// number is near to nothing. Ties go to the first.
std::string nearest_name(std::string_view word, std::span<const std::string> known);

}  // namespace poolbench::base
