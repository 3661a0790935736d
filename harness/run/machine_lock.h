#pragma once

#include <optional>
#include <string>

#include "base/raii.h"
#include "base/result.h"
#include "base/time.h"
#include "process/interrupt.h"
#include "run/observer.h"

namespace poolbench::run {

/// Held while a run measures: two at once would ruin each other's numbers. The kernel lets go of it
/// when the process ends, however it ends.
class MachineLock {
 public:
  /// Waits so long for a run that holds it (unset: not at all), and says so. kFailed names that
  /// run.
  static base::Result<MachineLock> take(const std::string& run_id,
                                        std::optional<base::Duration> wait,
                                        const base::Clock& clock, process::Interrupt& interrupt,
                                        Observer& observer);

 private:
  explicit MachineLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace poolbench::run
