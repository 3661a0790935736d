#pragma once

#include <map>
#include <string>

#include "report/measurement.h"

namespace poolbench::report {

/// How long the generator itself kept requests waiting, in microseconds, as quantiles over them.
struct OwnDelays {
  Quantiles lateness;   ///< open loop: planned → noticed
  Quantiles run_delay;  ///< of an answer, until the generator had a processor
};

/// A part of `details`: "own_delays_us". Both are empty for a generator that does not tell, as in
/// reports before 1.2.
base::Json to_json(const OwnDelays& delays);
OwnDelays own_delays_of(const Measurement& measurement);

/// Takes away the quantiles of which a delay at the same quantile could explain more than a tenth.
/// Returns why, by name ("p99").
std::map<std::string, std::string> withhold_explained(Quantiles& times, const OwnDelays& delays);

/// Above this share of the latency, waiting for a processor disturbs a trial.
inline constexpr double kMostWaitingRatio = 0.20;

/// How busy the machine was, by what waiting for a processor could explain of the latency.
enum class Busy { kNo, kWorthAWarning, kTooMuch };
Busy busy_machine(const Measurement& measurement);
/// The same in words.
std::string busy_machine_text(const Measurement& measurement);

}  // namespace poolbench::report
