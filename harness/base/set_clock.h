#pragma once

#include "base/time.h"

namespace poolbench::base {

/// For tests: the time is what they set.
class SetClock final : public Clock {
 public:
  [[nodiscard]] SteadyTime steady_now() const override { return now; }
  [[nodiscard]] UtcTime utc_now() const override { return utc; }
  SteadyTime now;
  UtcTime utc;
};

}  // namespace poolbench::base
