#include "process/pause.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace poolbench::process {

bool pause(std::span<pollfd> fds, base::SteadyTime deadline) {
  // Longer than any run; keeps "for ever" (SteadyTime::max) within what the kernel accepts.
  constexpr base::Duration kLongest = std::chrono::hours(24);
  constexpr long kNanosecondsPerSecond = 1'000'000'000;
  for (;;) {
    const base::SteadyTime now = std::chrono::steady_clock::now();
    const base::Duration left =
        deadline <= now ? base::Duration(0) : std::min<base::Duration>(deadline - now, kLongest);
    const timespec timeout{left.count() / kNanosecondsPerSecond,
                           left.count() % kNanosecondsPerSecond};
    const int ready = ::ppoll(fds.data(), fds.size(), &timeout, nullptr);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (ready == 0 && left < kLongest) return false;
  }
}

}  // namespace poolbench::process
