#pragma once

#include <compare>

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// How much the machine disturbed a trial. The larger of two is the worse.
struct Disturbance {
  bool spoils = false;  ///< so much that the trial's rates cannot be used at all
  double severity = 0;  ///< what was measured ÷ what is tolerated, of the worst kind; 0: none
  auto operator<=>(const Disturbance&) const = default;
  explicit operator bool() const { return severity > 0; }
};

/// Decides whether a finished trial may count, with reasons: sets status `failed` when nothing
/// succeeded or more than a tenth did not, `invalid` on errors beyond the scenario's tolerance, a
/// missed rate, or a generator at its limit. Where none of these is so, and only then, what the
/// machine did to it counts (steal, CPU quota, swap, a step of the clock): it is returned, and
/// marks the trial as `disturbed`, and as `invalid` if it spoils it. Adds warnings. Looks only at
/// such causes, never at how fast the trial was.
Disturbance judge(report::Trial& trial, const scenario::Cell& cell);

}  // namespace poolbench::run
