#include "process/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/time.h"
#include "process/interrupt.h"
#include "process/launch.h"
#include "process/process_table.h"
#include "process/stop.h"
#include "process/sweep.h"

namespace poolbench::process {
namespace {

constexpr int kExcerptLines = 15;

std::uint64_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

std::string indent(const std::string& text) {
  std::string indented = "    ";
  for (const char c : text) {
    indented += c;
    if (c == '\n') indented += "    ";
  }
  return indented;
}

}  // namespace

struct Supervisor::State {
  Interrupt& interrupt;
  std::string run_id;
  std::set<pid_t> before;
  Children children;
  int interrupts_reported = 0;

  /// Sleeps until anything happens; keeps what it learns of children and signals. `ready` gets the
  /// first readable of `also`. False at the deadline.
  bool pause_for(base::SteadyTime deadline, const std::vector<int>& also,
                 std::optional<int>& ready);
  /// A signal that nobody has been told of; 0 if none.
  int take_interrupt();
  /// Reaps orphans as long as no kept zombie of a child stands in the way; stop() gets the others.
  void reap_orphans_at_hand() const;
  [[nodiscard]] Surroundings surroundings() const { return {children, before, run_id, interrupt}; }
};

bool Supervisor::State::pause_for(base::SteadyTime deadline, const std::vector<int>& also,
                                  std::optional<int>& ready) {
  std::vector<pollfd> fds{{interrupt.fd(), POLLIN, 0}};
  for (const int fd : also) fds.push_back({fd, POLLIN, 0});
  for (const auto& child : children) {
    if (!child->exit && !child->stopped) fds.push_back({child->pidfd.get(), POLLIN, 0});
  }
  const bool in_time = pause(fds, deadline);
  interrupt.poll();
  for (const auto& child : children) {
    if (!child->stopped) child->look();
  }
  reap_orphans_at_hand();
  for (std::size_t i = 1; i <= also.size() && !ready; ++i) {
    if (fds[i].revents != 0) ready = fds[i].fd;
  }
  return in_time;
}

int Supervisor::State::take_interrupt() {
  if (interrupt.count() <= interrupts_reported) return 0;
  ++interrupts_reported;
  return interrupt.first();
}

void Supervisor::State::reap_orphans_at_hand() const {
  for (;;) {
    siginfo_t info{};
    if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0) return;
    const auto is_it = [&](const auto& child) {
      return child->pid == info.si_pid && !child->stopped;
    };
    if (std::ranges::any_of(children, is_it) || before.contains(info.si_pid)) return;
    ::waitpid(info.si_pid, nullptr, WNOHANG);
  }
}

base::Result<std::unique_ptr<Supervisor>> Supervisor::create(Interrupt& interrupt,
                                                             std::string run_id) {
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
    const std::string reason = std::strerror(errno);
    return base::failed(fmt::format("cannot become a child subreaper: {}", reason), {},
                        "poolbench needs Linux 5.11 or later");
  }
  const std::vector<pid_t> below = descendants(::getpid());
  auto state = std::make_unique<State>(
      State{interrupt, std::move(run_id), {below.begin(), below.end()}, {}, 0});
  return std::unique_ptr<Supervisor>(new Supervisor(std::move(state)));
}

Supervisor::Supervisor(std::unique_ptr<State> state) : state_(std::move(state)) {}

Supervisor::~Supervisor() { stop_all(); }

base::Result<Child*> Supervisor::start(const Command& command) {
  auto child = std::make_unique<Child>();
  child->name = command.name;
  child->mark = fmt::format("{}-{}", command.name, state_->children.size() + 1);
  child->log = command.log;
  child->max_log_bytes = command.max_log_bytes;
  child->log_bytes_at_start = size_of(command.log);
  child->stop = command.stop;
  auto plan = plan_launch(command, {{std::string(kRunIdVariable), state_->run_id},
                                    {std::string(kServiceVariable), child->mark}});
  POOLBENCH_TRY(plan);
  auto launched = launch(*plan);
  POOLBENCH_TRY(launched);
  child->pid = launched->pid;
  child->pidfd = std::move(launched->pidfd);
  state_->children.push_back(std::move(child));
  return state_->children.back().get();
}

WaitOutcome Supervisor::wait(base::SteadyTime deadline, const std::vector<int>& also,
                             const std::vector<Child*>& children) {
  const auto is_meant = [&](Child* child) {
    return children.empty() || std::ranges::find(children, child) != children.end();
  };
  std::optional<int> ready;
  for (bool in_time = true;;) {
    if (const int signal = state_->take_interrupt(); signal != 0) return Interrupted{signal};
    for (const auto& child : state_->children) {
      if (!child->exit || child->reported || !is_meant(child.get())) continue;
      child->reported = true;
      return ChildExited{child.get(), *child->exit};
    }
    if (ready) return FdReady{*ready};
    if (!in_time) return TimedOut{};
    in_time = state_->pause_for(deadline, also, ready);
  }
}

base::Result<Exit> Supervisor::wait_for(Child& child, base::SteadyTime deadline) {
  for (bool in_time = true;;) {
    if (child.exit) {
      child.reported = true;
      return *child.exit;
    }
    if (const int signal = state_->take_interrupt(); signal != 0) {
      return base::interrupted(
          fmt::format("interrupted by {} while waiting for {}", signal_name(signal), child.name));
    }
    if (!in_time) {
      return base::failed(
          fmt::format("{} was still running at its deadline{}", child.name, log_excerpt(child.log)),
          child.log.string());
    }
    std::optional<int> ready;
    in_time = state_->pause_for(deadline, {}, ready);
  }
}

base::Result<Exit> Supervisor::run(const Command& command, base::Duration limit) {
  auto child = start(command);
  POOLBENCH_TRY(child);
  auto exit = wait_for(**child, std::chrono::steady_clock::now() + limit);
  stop(**child);
  if (!exit && exit.error().code == base::ErrorCode::kFailed) {
    return base::failed(fmt::format("{} did not end within {} and was stopped{}", command.name,
                                    base::format_duration(limit), log_excerpt(command.log)),
                        command.log.string());
  }
  return exit;
}

std::vector<std::string> Supervisor::stop(Child& child) {
  if (child.stopped) return {};
  auto notes = end_child(child, state_->surroundings());
  child.reported = true;
  return notes;
}

std::vector<std::string> Supervisor::stop_all() {
  std::vector<std::string> notes;
  for (auto child = state_->children.rbegin(); child != state_->children.rend(); ++child) {
    std::ranges::move(stop(**child), std::back_inserter(notes));
  }
  std::ranges::move(end_strays(state_->surroundings()), std::back_inserter(notes));
  return notes;
}

const std::string& Supervisor::run_id() const { return state_->run_id; }
Interrupt& Supervisor::interrupt() { return state_->interrupt; }

pid_t pid_of(const Child& child) { return child.pid; }
const std::string& name_of(const Child& child) { return child.name; }
const std::filesystem::path& log_of(const Child& child) { return child.log; }
std::string log_excerpt(const std::filesystem::path& log) {
  const std::string tail = base::tail_of_file(log, kExcerptLines);
  if (tail.empty()) return {};
  return "\n  its log ends:\n" + indent(tail);
}

bool is_alive(const Child& child) { return !child.exit && !child.stopped; }

bool log_too_large(const Child& child) {
  if (child.log.empty()) return false;
  const std::uint64_t size = size_of(child.log);
  return size > child.log_bytes_at_start && size - child.log_bytes_at_start > child.max_log_bytes;
}

}  // namespace poolbench::process
