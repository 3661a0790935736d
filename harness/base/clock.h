#pragma once

#include <chrono>
#include <string>

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

}  // namespace poolbench::base
