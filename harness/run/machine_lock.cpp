#include "run/machine_lock.h"

#include <fmt/format.h>
#include <sys/file.h>

#include "run/lock_file.h"

namespace poolbench::run {
namespace {

/// The same for every user and every value of TMPDIR.
constexpr const char* kLockFile = "/tmp/poolbench.lock";

base::Error held_by(const std::string& run_id) {
  return {base::ErrorCode::kFailed,
          fmt::format("another poolbench is measuring on this machine{}",
                      run_id.empty() ? "" : fmt::format(" (run {})", run_id)),
          kLockFile, "wait until it is done: two runs at once would ruin each other's numbers"};
}

}  // namespace

base::Result<MachineLock> MachineLock::take(const std::string& run_id) {
  auto fd = open_lock_file(kLockFile);
  if (!fd) return tl::unexpected(fd.error());
  if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) return tl::unexpected(held_by(holder(fd->get())));
  name_holder(fd->get(), run_id);
  return MachineLock(std::move(*fd));
}

}  // namespace poolbench::run
