#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace poolbench::base {

/// Reads "250us", "1.5ms", "2s", "10m" or "1h". A bare number, a negative or an overflowing value
/// is refused with a message that shows the right form.
Result<Duration> parse_duration(std::string_view text);

/// The shortest exact form that parse_duration reads back: "2s", "1500ms", "90s".
std::string format_duration(Duration duration);

/// Reads "3%" or "0.5 %", from 0 to 100, as 0.03 or 0.005. A bare number could mean either and is
/// refused.
Result<double> parse_percentage(std::string_view text);

/// For people: "0.4 s", "12 s", "3 min 20 s", "1 h 05 min".
std::string approximate_duration(Duration duration);

}  // namespace poolbench::base
