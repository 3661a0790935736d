#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "report/report.h"

// Which trials and cells count, and why not: every rule about it stands here. A run judges its
// trials by them, a summary its cells, and verify() both.

namespace poolbench::report {

/// More than this disturbs a trial: steal, as a share of all processor time, and what the machine
/// swaps in and out.
inline constexpr double kMostSteal = 0.02;
inline constexpr std::int64_t kMostSwappedBytes = 1 << 20;

/// What the trials of a cell are held to.
struct Demands {
  double tolerated_error_ratio = 0;
  std::optional<double> rate_hz;        ///< offered, in an open loop
  std::optional<base::Duration> slice;  ///< with which cells take turns
  int connections = 0;
  bool ends_by_time = true;   ///< not after a number of requests
  bool uses_database = true;  ///< as the endpoint is declared
};
/// Those of them that the report tells.
Demands demands_of(const CellReport& cell);

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
Disturbance judge(Trial& trial, const Demands& demands);

/// Sets a cell's status, and the error of a failed one, by its trials: it has failed if more than
/// a tenth of them did, those that do not count left out. Errors are results, and so is slowness: a
/// trial with more errors than tolerated, or that was too slow for what was asked of it, has failed
/// even if it is merely `invalid`. Leaving out the slow ones would show how fast the others were.
void judge(CellReport& cell);

/// Only the machine spoilt it, so that what it counted can be used.
bool is_spoilt(const Trial& trial);
/// It does not count, and the machine is not the reason.
bool is_invalid(const Trial& trial);
/// Whether it tells of its cell; not if it was interrupted, or if another attempt at it counts.
bool is_told_of(const Trial& trial);
/// Whether its value of a metric counts, which steal and a set clock cannot touch if it is
/// `machine_proof`.
bool counts_for(const Trial& trial, bool machine_proof);
std::ptrdiff_t count_good(const CellReport& cell);

/// Whether the rate that was offered was not reached: below 99 % of it.
bool is_below_rate(const Measurement& measurement, double rate_hz);
/// What answers of cells in turns may take on average: the part of a turn after its slice.
base::Duration longest_answer_in_turns(base::Duration slice);

/// How busy the machine was, by what waiting for a processor could explain of the latency.
enum class Busy { kNo, kWorthAWarning, kTooMuch };
Busy busy_machine(const Measurement& measurement);
/// The same in words.
std::string busy_machine_text(const Measurement& measurement);

/// One sentence on how many trials the machine disturbed each time they ran, by what, and what
/// became of them; empty if none.
std::string disturbance_text(const Report& report);

}  // namespace poolbench::report
