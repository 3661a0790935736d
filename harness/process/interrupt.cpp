#include "process/interrupt.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace poolbench::process {
namespace {

bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

tl::unexpected<base::Error> cannot_install() {
  const std::string reason = std::strerror(errno);
  return base::failed(fmt::format("cannot wait for signals: {}", reason));
}

}  // namespace

base::Result<Interrupt> Interrupt::install() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGINT);
  sigaddset(&wanted, SIGTERM);
  // A signalfd delivers even ignored signals, so nohup has to be respected here.
  if (!is_ignored(SIGHUP)) sigaddset(&wanted, SIGHUP);

  sigset_t blocked = wanted;
  sigaddset(&blocked, SIGCHLD);
  // With an ignored SIGCHLD (some parents leave it so) the kernel would throw exit statuses away.
  if (std::signal(SIGCHLD, SIG_DFL) == SIG_ERR) return cannot_install();
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr); error != 0) {
    errno = error;
    return cannot_install();
  }
  base::UniqueFd signals(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!signals) return cannot_install();
  return Interrupt(std::move(signals));
}

int Interrupt::poll() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    if (first_ == 0) first_ = static_cast<int>(info.ssi_signo);
    ++count_;
  }
  return first_;
}

void Interrupt::die_of_it() const {
  constexpr int kSignalExitBase = 128;
  const int signal = first_ != 0 ? first_ : SIGTERM;
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  if (std::signal(signal, SIG_DFL) != SIG_ERR && std::raise(signal) == 0) {
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  }
  ::_exit(kSignalExitBase + signal);
}

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
