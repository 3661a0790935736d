#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace poolbench::run {

/// Held while a run measures: two at once would ruin each other's numbers. The kernel lets go of it
/// when the process ends, however it ends.
class MachineLock {
 public:
  /// kFailed names the run that holds it.
  static base::Result<MachineLock> take(const std::string& run_id);

 private:
  explicit MachineLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

}  // namespace poolbench::run
