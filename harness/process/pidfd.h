#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace poolbench::process {

// By syscall: glibc 2.36 declares its own pidfd functions without extern "C".

/// A descriptor that means this process even after its pid is used again; readable once it ended.
inline base::UniqueFd pidfd_of(pid_t pid) {
  return base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

inline void signal_pidfd(const base::UniqueFd& pidfd, int signal) {
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

}  // namespace poolbench::process
