#include "e2e/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ostream>
#include <thread>

#include "base/file.h"
#include "process/process_table.h"

namespace poolbench::e2e {
namespace fs = std::filesystem;
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLookEvery{5};
constexpr std::string_view kRunIdEntry = "POOLBENCH_RUN_ID=";

/// Whether a NUL-separated environment has a run id that ends so.
bool has_run_id(const std::string& environment, const std::string& end) {
  for (std::size_t at = 0; at < environment.size();) {
    const std::size_t next = std::min(environment.find('\0', at), environment.size());
    const std::string_view entry(environment.data() + at, next - at);
    if (entry.starts_with(kRunIdEntry) && entry.ends_with(end)) return true;
    at = next + 1;
  }
  return false;
}

bool works_below(const fs::path& process, const std::string& part) {
  std::error_code ignored;
  return fs::read_symlink(process / "cwd", ignored).string().find(part) != std::string::npos;
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result;
  for (const std::string& text : texts) result.push_back(text.c_str());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> entries(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text(*entry);
    if (!added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(fmt::format("{}={}", name, value));
  return result;
}

base::UniqueFd open_output(const fs::path& file) {
  constexpr mode_t kMode = 0644;
  return base::UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kMode));
}

}  // namespace

std::ostream& operator<<(std::ostream& stream, const Ending& ending) {
  if (ending.code) return stream << "exit code " << *ending.code;
  if (ending.signal) return stream << "signal " << *ending.signal;
  return stream << "still running";
}

Program::Program(const fs::path& folder, const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& environment)
    : folder_(folder) {
  static int number = 0;
  ++number;
  out_ = folder / fmt::format("{}.out", number);
  err_ = folder / fmt::format("{}.err", number);
  start(arguments, environment);
}

Program::~Program() {
  if (!ending_) {
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void Program::start(const std::vector<std::string>& arguments,
                    const std::map<std::string, std::string>& environment) {
  std::vector<std::string> words{POOLBENCH_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto argv = pointers(words);
  const auto variables = entries(environment);
  const auto envp = pointers(variables);
  const base::UniqueFd out = open_output(out_);
  const base::UniqueFd err = open_output(err_);
  pid_ = ::fork();
  if (pid_ == 0) {
    // A test that is itself killed must leave nothing either.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(out.get(), STDOUT_FILENO);
    ::dup2(err.get(), STDERR_FILENO);
    constexpr int kCannotStart = 127;
    if (::chdir(folder_.c_str()) != 0) ::_exit(kCannotStart);
    ::execve(POOLBENCH_PROGRAM, const_cast<char* const*>(argv.data()),
             const_cast<char* const*>(envp.data()));
    ::_exit(kCannotStart);
  }
  ASSERT_GT(pid_, 0);
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  const auto stat = process::read_stat(pid_);
  ASSERT_TRUE(stat);
  run_id_end_ = fmt::format("-{}-{}", pid_, stat->start_ticks);
}

bool Program::says(std::string_view text, int times, std::chrono::seconds limit) const {
  for (const auto deadline = steady_clock::now() + limit; steady_clock::now() < deadline;) {
    pollfd end{pidfd_.get(), POLLIN, 0};
    const bool over = ::poll(&end, 1, static_cast<int>(kLookEvery.count())) > 0;
    const std::string all = err();
    int found = 0;
    for (auto at = all.find(text); at != std::string::npos; at = all.find(text, at + 1)) ++found;
    if (found >= times) return true;
    if (over) return false;
  }
  return false;
}

void Program::signal(int number) const { ::kill(pid_, number); }

Ending Program::wait(std::chrono::seconds limit) {
  if (ending_) return *ending_;
  pollfd end{pidfd_.get(), POLLIN, 0};
  if (::poll(&end, 1, static_cast<int>(milliseconds(limit).count())) <= 0) return {};
  int status = 0;
  ::waitpid(pid_, &status, 0);
  ending_ = WIFSIGNALED(status) ? killed_by(WTERMSIG(status)) : exited(WEXITSTATUS(status));
  return *ending_;
}

std::string Program::out() const { return base::read_file(out_).value_or(""); }
std::string Program::err() const { return base::read_file(err_).value_or(""); }

std::vector<std::string> Program::live_processes() const {
  std::vector<std::string> alive;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const std::string pid = at->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!has_run_id(base::read_file(at->path() / "environ").value_or(""), run_id_end_) &&
        !works_below(at->path(), run_id_end_)) {
      continue;
    }
    const auto stat = process::read_stat(std::stoi(pid));
    if (!stat || stat->has_ended()) continue;
    alive.push_back(pid + " " + process::command_line_of(stat->pid));
  }
  return alive;
}

std::vector<std::string> Program::live_processes_after(milliseconds patience) const {
  const auto deadline = steady_clock::now() + patience;
  auto alive = live_processes();
  for (; !alive.empty() && steady_clock::now() < deadline; alive = live_processes()) {
    std::this_thread::sleep_for(kLookEvery);
  }
  return alive;
}

std::optional<fs::path> Program::scratch() const {
  for (const auto& entry : fs::directory_iterator("/tmp")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("poolbench-run-") && name.ends_with(run_id_end_)) return entry.path();
  }
  return std::nullopt;
}

}  // namespace poolbench::e2e
