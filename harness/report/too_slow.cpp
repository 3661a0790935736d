#include "report/too_slow.h"

#include "report/explained.h"

namespace poolbench::report {
namespace {

constexpr double kLeastAchievedRate = 0.99;
/// Requests whose answer may come after the window's end although the target keeps up: of the few
/// that a low rate sends, they are more than 1 %.
constexpr double kCutOffAtTheEnd = 3;
constexpr int kTailPart = 8;
constexpr double kMicroseconds = 1e6;

}  // namespace

base::Duration longest_answer_in_turns(base::Duration slice) { return slice / kTailPart; }

bool is_below_rate(const Measurement& measurement, double rate_hz) {
  return measurement.throughput_requests_per_second < kLeastAchievedRate * rate_hz;
}

bool has_missed_rate(const Measurement& measurement, double rate_hz) {
  const double seconds = measurement.measured_seconds;
  const double cut_off = seconds > 0 ? kCutOffAtTheEnd / seconds : 0;
  return measurement.throughput_requests_per_second + cut_off < kLeastAchievedRate * rate_hz &&
         !measurement.generator_limited && busy_machine(measurement) != Busy::kTooMuch;
}

bool is_too_slow_for_turns(const Measurement& measurement, base::Duration slice) {
  return measurement.latency_us.mean.value_or(0) >
         base::to_seconds(longest_answer_in_turns(slice)) * kMicroseconds;
}

}  // namespace poolbench::report
