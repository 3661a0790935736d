#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "scenario/target/target_metrics.h"

// What the readings of a declared metric make of it, without any I/O.

namespace poolbench::run {

/// A value that a source told, and when.
struct Reading {
  double value = 0;
  base::SteadyTime at;
};
/// By worker; of a source without workers the one reading is called "".
using Readings = std::map<std::string, Reading>;

/// What a trial's readings belong to.
struct MeasuredWindow {
  base::SteadyTime begin, end;
  std::uint64_t worked_on = 0;  ///< requests, as Requests::worked_on()
  int turns_in_a_round = 1;     ///< in so many turns one is ours
  [[nodiscard]] double seconds() const { return base::to_seconds(end - begin); }
};

/// The growth of a counter per request, or per second, of the window. Each worker's growth counts
/// at the rate at which it grew between its own two readings, which need not be the window's ends.
/// In turns a second is one in which our load is on. Fails, in words, where a counter went back,
/// and where the workers are not the same before and after.
base::Result<double> counter_value(const scenario::MetricSpec& metric, const Readings& before,
                                   const Readings& after, const MeasuredWindow& window);

/// The mean and the maximum of a gauge's samples, of which there must be one.
struct GaugeValues {
  double mean = 0, max = 0;
};
base::Result<GaugeValues> gauge_values(const std::vector<double>& samples);

}  // namespace poolbench::run
