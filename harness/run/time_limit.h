#pragma once

#include <optional>

#include "base/time.h"

namespace poolbench::run {

/// The longest time that a run may take, from when it is made.
class TimeLimit {
 public:
  /// No limit without `most`. The clock outlives it.
  TimeLimit(const base::Clock& clock, std::optional<base::Duration> most)
      : clock_(clock), began_(clock.steady_now()), most_(most) {}

  /// Whether something of which run::estimate() says this would probably end in time, at the pace
  /// of what was done so far, but not faster than estimated.
  [[nodiscard]] bool allows(base::Duration estimate) const;
  /// Something took so long that was estimated so.
  void took(base::Duration time, base::Duration estimate);
  /// What is left of it; never negative, and none without a limit.
  [[nodiscard]] std::optional<base::Duration> left() const;
  [[nodiscard]] const std::optional<base::Duration>& most() const { return most_; }

 private:
  const base::Clock& clock_;
  base::SteadyTime began_;
  std::optional<base::Duration> most_;
  base::Duration taken_{}, estimated_{};
};

}  // namespace poolbench::run
