#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace poolbench::base {

using Duration = std::chrono::nanoseconds;
using SteadyTime = std::chrono::steady_clock::time_point;
using UtcTime = std::chrono::system_clock::time_point;

/// Where time comes from; passed in, so that tests decide what time it is.
class Clock {
 public:
  virtual ~Clock() = default;
  /// CLOCK_MONOTONIC: for every duration and deadline.
  [[nodiscard]] virtual SteadyTime steady_now() const = 0;
  /// CLOCK_REALTIME: for time stamps only.
  [[nodiscard]] virtual UtcTime utc_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] UtcTime utc_now() const override { return std::chrono::system_clock::now(); }
};

/// RFC 3339 in UTC with milliseconds: "2025-07-08T12:34:56.789Z".
std::string rfc3339(UtcTime time);

inline double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

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
