#include "generator/turns.h"

#include <algorithm>

#include "report/validity.h"

namespace poolbench::generator {
namespace {

constexpr int kLeadPart = 4;
/// Long enough for the last answers, and for reading all counters.
constexpr base::Duration kPause = std::chrono::milliseconds(200);

std::int64_t slices_in(base::Duration time, base::Duration slice) {
  return (time + slice - base::Duration(1)) / slice;
}

}  // namespace

base::Duration lead_of(base::Duration slice) { return slice / kLeadPart; }

base::Duration tail_of(base::Duration slice) { return report::longest_answer_in_turns(slice); }

base::Duration turn_length(base::Duration slice) { return lead_of(slice) + slice + tail_of(slice); }

Turns::Turns(const Turn& turn, base::Duration warmup, base::Duration measure)
    : turn_(turn),
      length_(turn_length(turn.slice)),
      round_(length_ * turn.count),
      warming_(slices_in(warmup, turn.slice)),
      measured_(slices_in(measure, turn.slice)),
      window_start_(turn.start + warming_ * round_ + kPause) {}

base::SteadyTime Turns::counts_from() const { return window_start_ - kPause / 2; }

base::Duration Turns::ours_in(std::int64_t round) const {
  return length_ * (round % 2 == 0 ? turn_.index : turn_.count - 1 - turn_.index);
}

std::optional<Turns::Place> Turns::place(base::SteadyTime time) const {
  const bool warms = time < window_start_;
  const base::SteadyTime began = warms ? turn_.start : window_start_;
  const std::int64_t round = (time - began) / round_;
  if (time < began || round >= (warms ? warming_ : measured_)) return std::nullopt;
  return Place{began, round, (time - began) % round_ - ours_in(round)};
}

bool Turns::is_ours(base::SteadyTime time) const {
  const auto at = place(time);
  return at && at->since_ours >= base::Duration{} && at->since_ours < length_;
}

bool Turns::is_measured(base::SteadyTime time) const {
  const auto at = place(time);
  return at && time >= window_start_ && at->since_ours >= lead_of(turn_.slice) &&
         at->since_ours < lead_of(turn_.slice) + turn_.slice;
}

base::Duration Turns::measured_until(base::SteadyTime time) const {
  if (time <= window_start_) return {};
  const auto at = place(time);
  if (!at) return measured_ * turn_.slice;
  return at->round * turn_.slice +
         std::clamp(at->since_ours - lead_of(turn_.slice), base::Duration{}, turn_.slice);
}

base::SteadyTime Turns::next_turn(base::SteadyTime time) const {
  if (time < turn_.start && warming_ > 0) return turn_.start + ours_in(0);
  const auto at = place(time);
  const bool warms = time < window_start_;
  if (at && at->since_ours < base::Duration{}) return time - at->since_ours;
  if (at && at->round + 1 < (warms ? warming_ : measured_)) {
    return at->rounds_began + (at->round + 1) * round_ + ours_in(at->round + 1);
  }
  return warms ? window_start_ + ours_in(0) : window_end();
}

}  // namespace poolbench::generator
