#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/raii.h"
#include "base/result.h"
#include "base/time.h"
#include "process/interrupt.h"

namespace poolbench::run {

class Observer;

/// Opens or makes the file by which the runs of all users of a machine see each other. It lies in a
/// folder that everybody may write to, so that what is found there may be anybody's: no link is
/// followed, nothing but a plain file with no other name is accepted, and nothing of its content is
/// touched. kFailed says what is in the way.
base::Result<base::UniqueFd> open_lock_file(const std::filesystem::path& file);

/// Names the run that holds it, unless the file is another user's (root's excepted).
void name_holder(int fd, const std::string& run_id);

/// The run that holds it, if it is named and alive; else empty.
std::string holder(int fd);

/// The run that measures on this machine now (empty: one that is not named); nothing if none does.
/// kFailed says why no run could find out either.
base::Result<std::optional<std::string>> measuring_run();

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
