#include "run/machine_lock.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>

#include <algorithm>

#include "process/interrupt.h"
#include "run/lock_file.h"

namespace poolbench::run {
namespace {

/// The same for every user and every value of TMPDIR.
constexpr const char* kLockFile = "/tmp/poolbench.lock";
constexpr base::Duration kLookAgain = std::chrono::milliseconds(200);

base::Error held_by(const std::string& run_id) {
  return {
      base::ErrorCode::kFailed,
      fmt::format("another poolbench is measuring on this machine{}",
                  run_id.empty() ? "" : fmt::format(" (run {})", run_id)),
      kLockFile,
      "wait until it is done, or give --wait: two runs at once would ruin each other's numbers"};
}

/// Whether the lock was had before the deadline; an error if an interrupt came first.
base::Result<bool> lock_until(int fd, base::SteadyTime deadline, const base::Clock& clock,
                              process::Interrupt& interrupt) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const auto now = clock.steady_now();
    if (now >= deadline) return false;
    pollfd signals{interrupt.fd(), POLLIN, 0};
    process::pause({&signals, 1}, now + std::min<base::Duration>(kLookAgain, deadline - now));
    if (interrupt.poll() != 0) return base::interrupted("interrupted");
  }
  return true;
}

}  // namespace

base::Result<MachineLock> MachineLock::take(const std::string& run_id,
                                            std::optional<base::Duration> wait,
                                            const base::Clock& clock, process::Interrupt& interrupt,
                                            Observer& observer) {
  auto fd = open_lock_file(kLockFile);
  if (!fd) return tl::unexpected(fd.error());
  const auto now = clock.steady_now();
  auto locked = lock_until(fd->get(), now, clock, interrupt);
  if (locked && !*locked && wait) {
    observer.note(held_by(holder(fd->get())).message + "; waiting for it");
    const auto longest = base::SteadyTime::max() - now;
    locked =
        lock_until(fd->get(), now + std::min<base::Duration>(*wait, longest), clock, interrupt);
  }
  if (!locked) return tl::unexpected(locked.error());
  if (!*locked) return tl::unexpected(held_by(holder(fd->get())));
  name_holder(fd->get(), run_id);
  return MachineLock(std::move(*fd));
}

}  // namespace poolbench::run
