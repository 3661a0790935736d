#include "run/time_limit.h"

#include <algorithm>

namespace poolbench::run {

bool TimeLimit::allows(base::Duration estimate) const {
  const auto left = this->left();
  if (!left) return true;
  const double pace =
      estimated_.count() > 0 ? base::to_seconds(taken_) / base::to_seconds(estimated_) : 1;
  return base::to_seconds(estimate) * std::max(pace, 1.0) <= base::to_seconds(*left);
}

void TimeLimit::took(base::Duration time, base::Duration estimate) {
  taken_ += time;
  estimated_ += estimate;
}

std::optional<base::Duration> TimeLimit::left() const {
  if (!most_) return std::nullopt;
  return std::max(base::Duration{}, *most_ - (clock_.steady_now() - began_));
}

}  // namespace poolbench::run
