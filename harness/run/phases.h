#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "report/report.h"

namespace poolbench::run {

/// Stop-watch over the phases of a trial and their parts.
class Phases {
 public:
  explicit Phases(const base::Clock& clock) : clock_(&clock), since_(clock.steady_now()) {}

  /// Ends the current phase, if any, and begins `phase`.
  void begin(const std::string& phase);
  /// Ends a part of the current phase: the time since its begin or since its last part.
  void part(const std::string& name);
  /// Ends the current phase.
  void end();

  [[nodiscard]] const std::vector<report::Phase>& list() const { return phases_; }

 private:
  const base::Clock* clock_;
  bool running_ = false;
  base::SteadyTime since_;
  base::SteadyTime part_since_;
  std::vector<report::Phase> phases_;
};

}  // namespace poolbench::run
