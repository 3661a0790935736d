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

}  // namespace poolbench::report
