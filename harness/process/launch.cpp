#include "process/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/optional.hpp>  // Boost.Process 1.81 uses it without including it
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "process/process_table.h"

namespace poolbench::process {
namespace {

enum class Step : int {
  kExecute,
  kGroup,
  kUser,
  kDeathSignal,
  kCpus,
  kDescriptors,
  kFolder,
  kStreams,
  kSignals
};

/// What the child writes when it cannot reach its program.
struct Complaint {
  Step step = Step::kExecute;
  int error = 0;
};

constexpr int kCannotStart = 127;

/// What Boost.Process runs between fork and exec. Only system calls here: no allocation, no locks,
/// since another thread may have held one at the fork.
class ChildSetup {
 public:
  ChildSetup(const LaunchPlan& plan, pid_t parent, int complaints)
      : plan_(plan), parent_(parent), complaints_(complaints) {}

  /// The launcher would close our pipe before it executes the program.
  template <typename Launcher>
  boost::system::error_code on_setup(Launcher& launcher, const auto&, const auto&) const {
    launcher.fd_whitelist.push_back(complaints_);
    return {};
  }

  boost::system::error_code on_exec_setup(const auto&, const auto&, const auto&) const {
    require(::setpgid(0, 0), Step::kGroup);
    if (plan_.user) become(*plan_.user);
    // After the change of user: that clears the death signal.
    require(::prctl(PR_SET_PDEATHSIG, plan_.death_signal), Step::kDeathSignal);
    if (::getppid() != parent_) ::_exit(kCannotStart);  // it died before we asked for its signal
    if (plan_.cpus) {
      require(::sched_setaffinity(0, sizeof *plan_.cpus, &*plan_.cpus), Step::kCpus);
    }
    if (plan_.descriptors) {
      require(::setrlimit(RLIMIT_NOFILE, &*plan_.descriptors), Step::kDescriptors);
    }
    if (!plan_.folder.empty()) require(::chdir(plan_.folder.c_str()), Step::kFolder);
    require(::dup2(plan_.input.get(), STDIN_FILENO), Step::kStreams);
    require(::dup2(plan_.output.get(), STDOUT_FILENO), Step::kStreams);
    require(::dup2(plan_.errors.get(), STDERR_FILENO), Step::kStreams);
    // The launcher itself leaves open what lies between the descriptors that it keeps.
    require(::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC), Step::kStreams);
    reset_signals();
    return {};
  }

  /// The launcher would go on to exit(), which runs our destructors and flushes our stdout a second
  /// time. It tests for one order of arguments and calls with another one, so that only a variadic
  /// function is found.
  [[noreturn]] void on_exec_error(const auto&...) const { fail(Step::kExecute); }

 private:
  [[noreturn]] void fail(Step step) const {
    const Complaint complaint{step, errno};
    [[maybe_unused]] const auto written = ::write(complaints_, &complaint, sizeof complaint);
    ::_exit(kCannotStart);
  }

  void require(int outcome, Step step) const {
    if (outcome < 0) fail(step);
  }

  // The kernel's own calls: glibc's would take locks to change all threads.
  void become(const User& user) const {
    const auto call = [this](long outcome) { require(static_cast<int>(outcome), Step::kUser); };
    call(::syscall(SYS_setgroups, user.groups.size(), user.groups.data()));
    call(::syscall(SYS_setresgid, user.gid, user.gid, user.gid));
    call(::syscall(SYS_setresuid, user.uid, user.uid, user.uid));
  }

  // exec resets handlers, but what was ignored or blocked would stay so.
  void reset_signals() const {
    struct sigaction standard{};
    standard.sa_handler = SIG_DFL;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGCHLD, SIGXFSZ}) {
      require(::sigaction(signal, &standard, nullptr), Step::kSignals);
    }
    sigset_t none;
    sigemptyset(&none);
    require(::sigprocmask(SIG_SETMASK, &none, nullptr), Step::kSignals);
  }

  const LaunchPlan& plan_;
  pid_t parent_;
  int complaints_;
};

std::string describe(const LaunchPlan& plan, const Complaint& complaint) {
  const std::string reason = std::strerror(complaint.error);
  switch (complaint.step) {
    case Step::kExecute:
      return fmt::format("cannot execute {}: {}", plan.program, reason);
    case Step::kUser:
      return fmt::format("cannot become user {}: {}", plan.user ? plan.user->name : "?", reason);
    case Step::kFolder:
      return fmt::format("cannot enter folder {}: {}", plan.folder, reason);
    case Step::kCpus:
      return fmt::format("cannot bind it to its CPUs: {}", reason);
    case Step::kDescriptors:
      return fmt::format("cannot raise its limit of open files: {}", reason);
    case Step::kGroup:
    case Step::kDeathSignal:
    case Step::kStreams:
    case Step::kSignals:
      break;
  }
  return fmt::format("cannot prepare the process (step {}): {}", static_cast<int>(complaint.step),
                     reason);
}

std::string advice(const Complaint& complaint) {
  if (complaint.step == Step::kExecute && complaint.error == ENOEXEC) {
    return "a script needs a first line such as #!/bin/sh";
  }
  if (complaint.error == EACCES) return "check the permissions of the file and of its folders";
  if (complaint.step == Step::kExecute && complaint.error == ENOENT) {
    return "check that the file, and the interpreter its first line names, exist";
  }
  return {};
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

/// What went wrong in the child, waiting until exec has closed its end of the pipe.
std::optional<Complaint> read_complaint(int pipe) {
  Complaint complaint;
  ssize_t got = 0;
  do {
    got = ::read(pipe, &complaint, sizeof complaint);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof complaint)) return std::nullopt;
  return complaint;
}

/// -1 with errno when there is no child. Waits until the child has executed its program or has
/// ended.
pid_t fork_and_execute(const LaunchPlan& plan, const ChildSetup& setup) {
  std::vector<const char*> arguments = pointers(plan.arguments);
  const std::vector<const char*> environment = pointers(plan.environment);
  boost::process::v2::posix::default_launcher launcher;
  launcher.env = environment.data();
  boost::system::error_code error;
  try {
    boost::asio::io_context context;  // it wants one; nothing ever runs in it
    launcher(context.get_executor(), error, plan.program, arguments.data(), setup).detach();
  } catch (const boost::system::system_error& refused) {
    error = refused.code();  // if there is a child, only its handle, which nobody needs, is lacking
  }
  if (launcher.pid < 0) errno = error.value();
  return launcher.pid;
}

void discard(pid_t pid) {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
}

}  // namespace

base::Result<Launched> launch(const LaunchPlan& plan) {
  const auto cannot = [&](std::string_view what) {
    const std::string reason = std::strerror(errno);
    return base::failed(fmt::format("cannot start {}: {}: {}", plan.name, what, reason));
  };
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot("pipe");
  const base::UniqueFd reading(ends[0]);
  base::UniqueFd writing(ends[1]);
  const ChildSetup setup(plan, ::getpid(), writing.get());

  const pid_t pid = fork_and_execute(plan, setup);
  if (pid < 0) return cannot("fork");
  writing.reset();
  if (const auto complaint = read_complaint(reading.get())) {
    discard(pid);
    return base::bad_input(
        fmt::format("cannot start {}: {}", plan.name, describe(plan, *complaint)), plan.program,
        advice(*complaint));
  }
  base::UniqueFd pidfd = pidfd_of(pid);
  if (!pidfd) {
    auto refusal = cannot("pidfd_open");
    discard(pid);
    return refusal;
  }
  return Launched{pid, std::move(pidfd)};
}

}  // namespace poolbench::process
