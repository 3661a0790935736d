#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "load/options.h"
#include "report/measurement.h"

namespace poolbench::load {

/// "This share of all requests gets a good answer within this time." A request that failed, or was
/// dropped, did not.
struct Objective {
  double share = 0.99;
  base::Duration within{};
};

/// Reads "p99=50ms" or "p99.9=200ms". kBadInput shows the right form.
base::Result<Objective> parse_objective(std::string_view text);

/// The share of the requests that met the objective's time; 0 if there was none.
base::Result<double> share_within(const report::Measurement& measurement, base::Duration within);

/// One rate that was tried.
struct RateStep {
  double rate_hz = 0;
  double share = 0;
  bool met = false;
  std::vector<std::string> limited;  ///< why the generator, not the server, was the limit
};

struct FoundRate {
  double capacity_hz = 0;  ///< what a closed loop got out of the server: no rate above it was tried
  double rate_hz = 0;      ///< the highest that met the objective; 0 if none did
  std::vector<RateStep> steps;
  std::vector<std::string> closed_loop_limited;  ///< as in a step
};

/// Bisects between 0 and the closed loop's throughput until the answer is known to 2 % of it.
/// `measure` runs the options it is given; what it fails with is passed on.
base::Result<FoundRate> find_rate(
    const Options& options, const Objective& objective,
    const std::function<base::Result<report::Measurement>(const Options&)>& measure);

}  // namespace poolbench::load
