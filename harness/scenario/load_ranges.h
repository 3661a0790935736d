#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace poolbench::scenario {

/// What a value may be, both ends included.
template <typename Number>
struct Range {
  Number least, most;
  /// Not of a NaN.
  [[nodiscard]] constexpr bool holds(Number value) const { return value >= least && value <= most; }
};

/// No duration may be longer.
inline constexpr base::Duration kLongestDuration = std::chrono::hours(24);

// What may be asked of a load generator, in a scenario and on the command line alike.
inline constexpr Range<std::int64_t> kConnectionsRange{1, 10'000};
inline constexpr Range<std::int64_t> kThreadsRange{1, 64};
inline constexpr Range<std::int64_t> kRequestsRange{1, 1'000'000'000};
inline constexpr Range<double> kRateRange{0.001, 10'000'000};  ///< requests a second
inline constexpr Range<base::Duration> kMeasureRange{std::chrono::milliseconds(1),
                                                     kLongestDuration};
inline constexpr Range<base::Duration> kTimeoutRange{std::chrono::milliseconds(1),
                                                     kLongestDuration};
inline constexpr Range<base::Duration> kWarmupRange{base::Duration{}, kLongestDuration};

}  // namespace poolbench::scenario
