#pragma once

#include <string>

#include "report/report.h"
#include "run/schedule.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// Who is told what a run does, as it does it.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Something worth a line: what is being waited for, a warning.
  virtual void note(const std::string& text) = 0;
  /// A trial of this cell begins.
  virtual void trial_started(const PlannedTrial& trial, const scenario::Cell& cell,
                             const Outlook& outlook) = 0;
  virtual void phase_started(const std::string& phase) = 0;
  /// Several times a second while load is on.
  virtual void under_load() = 0;
  /// A trial has ended. Those that began together are told in the order in which they began.
  virtual void trial_finished(const report::Trial& trial) = 0;
};

}  // namespace poolbench::run
