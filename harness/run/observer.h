#pragma once

#include <string>

#include "report/report.h"
#include "run/plan.h"

namespace poolbench::run {

/// Who is told what a run does, as it does it.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Something worth a line: what is being waited for, a warning.
  virtual void note(const std::string& text) = 0;
  /// Trial number `index` of the plan begins.
  virtual void trial_started(std::size_t index) = 0;
  virtual void phase_started(const std::string& phase) = 0;
  /// Several times a second while load is on.
  virtual void under_load() = 0;
  virtual void trial_finished(std::size_t index, const report::Trial& trial) = 0;
};

}  // namespace poolbench::run
