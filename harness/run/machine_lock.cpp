#include "run/machine_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace poolbench::run {
namespace {

/// The same for every user and every value of TMPDIR.
constexpr const char* kLockFile = "/tmp/poolbench.lock";
constexpr mode_t kForEveryUser = 0666;

base::UniqueFd open_lock_file() {
  // Without O_CREAT first: in a sticky folder the kernel refuses O_CREAT on another user's file.
  base::UniqueFd fd(::open(kLockFile, O_RDWR | O_CLOEXEC));
  if (!fd) fd.reset(::open(kLockFile, O_RDWR | O_CREAT | O_CLOEXEC, kForEveryUser));
  return fd;
}

}  // namespace

base::Result<MachineLock> MachineLock::take(const std::string& run_id) {
  base::UniqueFd fd = open_lock_file();
  if (!fd) {
    return base::failed(fmt::format("cannot open the lock {}: {}", kLockFile, std::strerror(errno)),
                        kLockFile, "remove the file or make it writable");
  }
  ::fchmod(fd.get(), kForEveryUser);  // past the umask; fails harmlessly for others' files
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return base::failed(fmt::format("another poolbench is measuring on this machine (run {})",
                                    base::tail_of_file(kLockFile, 1)),
                        kLockFile,
                        "wait until it is done: two runs at once would ruin each other's numbers");
  }
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), run_id.data(), run_id.size(), 0) != std::ssize(run_id)) {
    return base::failed(fmt::format("cannot write {}: {}", kLockFile, std::strerror(errno)),
                        kLockFile, "free some space below /tmp");
  }
  return MachineLock(std::move(fd));
}

}  // namespace poolbench::run
