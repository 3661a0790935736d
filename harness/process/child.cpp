#include "process/child.h"

#include <sys/wait.h>

namespace poolbench::process {
namespace {

std::optional<Exit> ask(int pidfd, int options) {
  siginfo_t info{};
  if (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG | options) != 0) {
    return std::nullopt;
  }
  if (info.si_pid == 0) return std::nullopt;
  if (info.si_code == CLD_EXITED) return Exit{info.si_status, 0};
  return Exit{0, info.si_status};
}

}  // namespace

void Child::look() {
  if (!exit) exit = ask(pidfd.get(), WNOWAIT);
}

void Child::reap() {
  if (stopped) return;
  if (const auto ended = ask(pidfd.get(), 0)) {
    exit = ended;
    stopped = true;
    pidfd.reset();
  }
}

}  // namespace poolbench::process
