#pragma once

#include <chrono>
#include <cstdint>

#include "base/json.h"
#include "base/time.h"
#include "scenario/scenario.h"
#include "scenario/toml/reader.h"

// The table [load] of a scenario, and what may be asked of a load generator.

namespace poolbench::scenario {

/// What a value may be, both ends included.
template <typename Number>
struct Range {
  Number least, most;
  /// Not of a NaN.
  [[nodiscard]] constexpr bool holds(Number value) const { return value >= least && value <= most; }
};

// In a scenario and on the command line of a generator alike.
inline constexpr Range<std::int64_t> kConnectionsRange{1, 10'000};
inline constexpr Range<std::int64_t> kThreadsRange{1, 64};
inline constexpr Range<std::int64_t> kRequestsRange{1, 1'000'000'000};
inline constexpr Range<double> kWeightRange{0.000001, 1'000'000};
inline constexpr Range<double> kRateRange{0.001, 10'000'000};  ///< requests a second
inline constexpr Range<base::Duration> kMeasureRange{std::chrono::milliseconds(1),
                                                     kLongestDuration};
inline constexpr Range<base::Duration> kTimeoutRange{std::chrono::milliseconds(1),
                                                     kLongestDuration};
inline constexpr Range<base::Duration> kWarmupRange{base::Duration{}, kLongestDuration};

/// Decodes the table; the generator must be one of these.
LoadSettings read_load(TableReader& load, const Generators& generators);

/// Refuses endpoints of a mix that the target does not have.
void check_mix(TableReader& load, const TargetSettings& target);

/// Refuses, at the place of each setting, what the named generator cannot do, and says which of
/// them can. `target` may be incomplete.
void check_generator(TableReader& load, const LoadSettings& settings, const TargetSettings& target,
                     const Generators& generators);

/// All settings with defaults filled in.
base::Json to_json(const LoadSettings& load);

}  // namespace poolbench::scenario
