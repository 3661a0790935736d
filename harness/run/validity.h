#pragma once

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// What a trial is worth.
enum class Validity {
  kGood,       ///< it counts
  kResult,     ///< it does not count, and that is a result: errors, a missed rate, the generator
  kDisturbed,  ///< the machine spoilt it: worth running again
};

/// Decides whether a finished trial may count: sets status `failed` when nothing succeeded or more
/// than a tenth did not, `invalid` on errors beyond the scenario's tolerance, a missed rate, a
/// generator at its limit, or a disturbance by the machine (steal, CPU quota, swap, a step of the
/// clock), with reasons; adds warnings. Looks only at such causes, never at how fast it was.
Validity judge(report::Trial& trial, const scenario::Cell& cell);

}  // namespace poolbench::run
