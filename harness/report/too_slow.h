#pragma once

#include "base/time.h"
#include "report/measurement.h"

namespace poolbench::report {

/// What answers of cells in turns may take on average: the part of a turn after its slice.
base::Duration longest_answer_in_turns(base::Duration slice);

/// Whether the rate that was offered was not reached: below 99 % of it.
bool is_below_rate(const Measurement& measurement, double rate_hz);

/// The same, if neither the generator nor a busy machine can be the cause, and more is missing than
/// the few answers that the window's end may cut off.
bool has_missed_rate(const Measurement& measurement, double rate_hz);

/// Whether its answers took too long for turns with such slices.
bool is_too_slow_for_turns(const Measurement& measurement, base::Duration slice);

}  // namespace poolbench::report
