#pragma once

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// Decides whether a finished trial may count: sets status `failed` when nothing succeeded,
/// `invalid` with reasons on errors beyond the scenario's tolerance, a missed rate or too much
/// steal; adds warnings. Looks only at such causes, never at how fast it was.
void judge(report::Trial& trial, const scenario::Cell& cell);

}  // namespace poolbench::run
