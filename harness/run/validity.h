#pragma once

#include "report/validity.h"
#include "scenario/scenario.h"

namespace poolbench::run {

using report::Disturbance;

/// What the trials of the cell are held to.
report::Demands demands_of(const scenario::Cell& cell);

/// Judges a finished trial by the rules of report/validity.h.
Disturbance judge(report::Trial& trial, const scenario::Cell& cell);

}  // namespace poolbench::run
