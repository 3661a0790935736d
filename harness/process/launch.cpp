#include "process/launch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "process/pidfd.h"

// fork and exec by hand. Boost.Process v2 (1.81) leaves a failed exec by exit(), which runs
// our destructors and flushes our stdout a second time in the child; its on_exec_error hook, which
// could prevent that, is never called; and it reports an errno without the step that failed.
namespace poolbench::process {
namespace {

enum class Step : int { kExecute, kGroup, kUser, kDeathSignal, kCpus, kFolder, kStreams, kSignals };

/// What the child writes when it cannot reach its program.
struct Complaint {
  Step step = Step::kExecute;
  int error = 0;
};

constexpr int kCannotStart = 127;

/// A process that has not reached its program yet. Only system calls here: no allocation, no locks,
/// since another thread may have held one at the fork.
class ChildSetup {
 public:
  ChildSetup(const LaunchPlan& plan, pid_t parent, int complaints)
      : plan_(plan), parent_(parent), complaints_(complaints) {}

  [[noreturn]] void execute(const char* const* arguments, const char* const* environment) const {
    require(::setpgid(0, 0), Step::kGroup);
    if (plan_.user) become(*plan_.user);
    // After the change of user: that clears the death signal.
    require(::prctl(PR_SET_PDEATHSIG, plan_.death_signal), Step::kDeathSignal);
    if (::getppid() != parent_) ::_exit(kCannotStart);  // it died before we asked for its signal
    if (plan_.cpus) {
      require(::sched_setaffinity(0, sizeof *plan_.cpus, &*plan_.cpus), Step::kCpus);
    }
    if (!plan_.folder.empty()) require(::chdir(plan_.folder.c_str()), Step::kFolder);
    require(::dup2(plan_.input.get(), STDIN_FILENO), Step::kStreams);
    require(::dup2(plan_.output.get(), STDOUT_FILENO), Step::kStreams);
    require(::dup2(plan_.errors.get(), STDERR_FILENO), Step::kStreams);
    require(::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC), Step::kStreams);
    reset_signals();
    ::execve(plan_.program.c_str(), const_cast<char* const*>(arguments),
             const_cast<char* const*>(environment));
    fail(Step::kExecute);
  }

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
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGCHLD}) {
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
  const std::vector<const char*> arguments = pointers(plan.arguments);
  const std::vector<const char*> environment = pointers(plan.environment);
  const ChildSetup setup(plan, ::getpid(), writing.get());

  const pid_t pid = ::fork();
  if (pid == 0) setup.execute(arguments.data(), environment.data());
  if (pid < 0) return cannot("fork");
  writing.reset();
  // The child does it too; whoever comes first, the group exists before anybody signals it.
  ::setpgid(pid, pid);
  if (const auto complaint = read_complaint(reading.get())) {
    discard(pid);
    return base::bad_input(
        fmt::format("cannot start {}: {}", plan.name, describe(plan, *complaint)), plan.program,
        advice(*complaint));
  }
  base::UniqueFd pidfd = pidfd_of(pid);
  if (!pidfd) {
    auto error = cannot("pidfd_open");
    discard(pid);
    return error;
  }
  return Launched{pid, std::move(pidfd)};
}

}  // namespace poolbench::process
