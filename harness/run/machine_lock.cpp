#include "run/machine_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "process/interrupt.h"
#include "process/sweep.h"
#include "run/block_runner.h"

namespace poolbench::run {
namespace {

constexpr mode_t kForEveryUser = 0666;
constexpr int kCarefully = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

base::UniqueFd make_lock_file(const std::filesystem::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | kCarefully, kForEveryUser));
  if (fd) ::fchmod(fd.get(), kForEveryUser);  // past the umask
  return fd;
}

// Without O_CREAT first: in a sticky folder the kernel refuses O_CREAT on another user's file.
base::UniqueFd open_or_make(const std::filesystem::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | kCarefully));
  if (!fd && errno == ENOENT) {
    fd = make_lock_file(file);
    if (!fd && errno == EEXIST) fd.reset(::open(file.c_str(), O_RDWR | kCarefully));
  }
  // To lock it, to read it is enough.
  if (!fd && errno == EACCES) fd.reset(::open(file.c_str(), O_RDONLY | kCarefully));
  return fd;
}

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

base::Result<base::UniqueFd> open_lock_file(const std::filesystem::path& file) {
  const auto refused = [&](std::string_view why) {
    return base::failed(fmt::format("cannot use the lock {}: {}", file.string(), why),
                        file.string(), "find out whose it is, and remove it");
  };
  base::UniqueFd fd = open_or_make(file);
  if (!fd) return refused(errno == ELOOP ? "it is a symbolic link" : std::strerror(errno));
  struct stat found{};
  if (::fstat(fd.get(), &found) != 0) return refused(std::strerror(errno));
  if (!S_ISREG(found.st_mode)) return refused("it is not a plain file");
  if (found.st_nlink != 1) return refused("it is a link to a file that has other names");
  return fd;
}

void name_holder(int fd, const std::string& run_id) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) return;
  if (found.st_uid != ::geteuid() && found.st_uid != 0) return;
  // A longer line of before may follow; only the first counts.
  const std::string line = run_id + "\n";
  [[maybe_unused]] const auto written = ::pwrite(fd, line.data(), line.size(), 0);
}

std::string holder(int fd) {
  std::array<char, 128> start{};
  const ssize_t got = ::pread(fd, start.data(), start.size(), 0);
  if (got <= 0) return {};
  const std::string id = base::first_line({start.data(), static_cast<std::size_t>(got)});
  return process::state_of_run(id) == process::RunState::kAlive ? id : std::string();
}

base::Result<std::optional<std::string>> measuring_run() {
  const auto fd = open_lock_file(kLockFile);
  if (!fd) return tl::unexpected(fd.error());
  // Shared, and let go of at once: others who look are no run.
  if (::flock(fd->get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  return holder(fd->get());
}

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
