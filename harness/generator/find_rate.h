#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "generator/options.h"
#include "report/measurement.h"

namespace poolbench::generator {

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

/// What a measurement at a rate says of the server.
enum class Attempt {
  kMet,
  kMissed,
  kUnclear,  ///< it missed, but the generator or the machine may have been the cause
};
/// "met", "missed" or "unclear".
std::string_view name_of(Attempt attempt);

/// One measurement at a rate.
struct RateStep {
  double rate_hz = 0;
  double share = 0;
  Attempt outcome = Attempt::kMissed;
  std::vector<std::string>
      limited{};               ///< why the generator or the machine was the limit, if it was
  std::uint64_t requests = 0;  ///< that decided
};

/// The answer is a bracket: the server meets the objective at one rate and not at the other.
struct FoundRate {
  double capacity_hz = 0;  ///< what a closed loop got out of the server: no rate above it was tried
  double rate_hz = 0;      ///< the highest that met the objective; 0 if none did
  std::optional<double> missed_hz{};  ///< the lowest that did not; unset if all did
  std::vector<RateStep> steps{};
  std::vector<std::string> closed_loop_limited{};  ///< as in a step
  std::string refusal{};  ///< why the bracket is not the server's; empty if it is
};

/// Bisects between 0 and the closed loop's throughput until the bracket is as wide as 2 % of it. A
/// rate that was not met is measured again: of three measurements two decide. Where two of a rate
/// are unclear the search ends, with a refusal; there is one, too, where so few requests decided
/// for the highest rate that all of them may have been in time by chance. `measure` runs the
/// options it is given; what it fails with is passed on.
base::Result<FoundRate> find_rate(
    const Options& options, const Objective& objective,
    const std::function<base::Result<report::Measurement>(const Options&)>& measure);

/// The rates that were tried and the one that was found.
std::string found_rate_text(const FoundRate& found, const Objective& objective);
base::Json found_rate_json(const FoundRate& found, const Objective& objective);

}  // namespace poolbench::generator
