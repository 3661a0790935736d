#pragma once

#include "base/result.h"

namespace poolbench::console {

/// What the program returns to its caller.
enum ExitCode : int {
  kDone = 0,
  kRegression = 1,   ///< a regression, or a refuted hypothesis under --strict
  kBadUsage = 2,     ///< bad usage or input
  kFailure = 3,      ///< a service, trial or comparison failed
  kUndecided = 4,    ///< inconclusive, where asked for
  kInterrupt = 130,  ///< ended by a signal
};

/// Prints the error to stderr as "poolbench: error: …" and returns its exit code.
int report_error(const base::Error& error);

}  // namespace poolbench::console
