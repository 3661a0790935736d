#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <grp.h>
#include <pwd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "process/launch.h"

namespace poolbench::process {
namespace {

using base::Environment;

base::Result<std::optional<User>> find_user(const Command& command) {
  if (command.run_as.empty() || ::geteuid() != 0) return std::nullopt;
  errno = 0;
  const passwd* entry = ::getpwnam(command.run_as.c_str());
  if (entry == nullptr) {
    return base::bad_input(
        fmt::format("cannot start {}: there is no user \"{}\"", command.name, command.run_as), {},
        "name a user of this machine to run it as");
  }
  User user{command.run_as, entry->pw_dir, entry->pw_uid, entry->pw_gid, {}};
  int count = 0;
  ::getgrouplist(user.name.c_str(), user.gid, nullptr, &count);
  user.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(user.name.c_str(), user.gid, user.groups.data(), &count) < 0) count = 0;
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

Environment make_environment(const Command& command, const Environment& marks,
                             const std::optional<User>& user) {
  Environment result = command.environment;
  if (user) {
    result["HOME"] = user->home;
    result["USER"] = result["LOGNAME"] = user->name;
  }
  for (const auto& [name, value] : marks) result[name] = value;
  return result;
}

base::Result<std::string> find_executable(const Command& command, const Environment& environment) {
  if (command.argv.empty() || command.argv.front().empty()) {
    return base::bad_input(fmt::format("cannot start {}: its command is empty", command.name));
  }
  const std::string& name = command.argv.front();
  const auto path = environment.find("PATH");
  std::string program =
      path != environment.end() ? find_program(name, path->second) : find_program(name);
  if (!program.empty()) return program;
  const bool is_path = name.find('/') != std::string::npos;
  return base::bad_input(
      fmt::format("cannot start {}: {}", command.name,
                  is_path ? fmt::format("{} does not exist or is not executable", name)
                          : fmt::format("no program \"{}\" in PATH", name)),
      {}, is_path ? "check the path" : "install it, or name its full path");
}

base::Result<std::optional<cpu_set_t>> choose_cpus(const Command& command) {
  if (command.cpus.empty()) return std::nullopt;
  cpu_set_t allowed;
  cpu_set_t chosen;
  CPU_ZERO(&allowed);
  CPU_ZERO(&chosen);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    const std::string reason = std::strerror(errno);
    return base::failed(fmt::format("cannot ask which CPUs may be used: {}", reason));
  }
  for (const int cpu : command.cpus) {
    // The kernel itself would drop an absent CPU from the set without a word.
    if (cpu < 0 || cpu >= CPU_SETSIZE || !CPU_ISSET(static_cast<std::size_t>(cpu), &allowed)) {
      std::vector<int> usable;
      for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(static_cast<std::size_t>(i), &allowed)) usable.push_back(i);
      }
      return base::bad_input(
          fmt::format("cannot start {}: CPU {} is not available here", command.name, cpu), {},
          fmt::format("choose from {}", fmt::join(usable, ",")));
    }
    CPU_SET(static_cast<std::size_t>(cpu), &chosen);
  }
  return chosen;
}

std::optional<rlimit> highest_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  limit.rlim_cur = limit.rlim_max;
  return limit;
}

base::UniqueFd above_stdio(base::UniqueFd fd) {
  if (!fd || fd.get() > STDERR_FILENO) return fd;
  return base::UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

base::Result<base::UniqueFd> open_above_stdio(const Command& command, const std::string& path,
                                              int flags) {
  constexpr mode_t kReadableByAll = 0644;
  base::UniqueFd fd = above_stdio(
      base::UniqueFd(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY, kReadableByAll)));
  if (fd) return fd;
  const std::string reason = std::strerror(errno);
  return base::bad_input(
      fmt::format("cannot start {}: cannot open {}: {}", command.name, path, reason), path,
      "make its folder, or choose another one with --out");
}

// A file without a name: no writer is needed while the program reads, and nobody else can open it.
base::Result<base::UniqueFd> open_input(const Command& command) {
  if (command.input.empty()) return open_above_stdio(command, "/dev/null", O_RDONLY);
  base::UniqueFd fd = above_stdio(base::UniqueFd(::memfd_create("stdin", MFD_CLOEXEC)));
  std::string_view rest = command.input;
  while (fd && !rest.empty()) {
    const ssize_t written = ::write(fd.get(), rest.data(), rest.size());
    if (written < 0) fd.reset();
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fd && ::lseek(fd.get(), 0, SEEK_SET) == 0) return fd;
  const std::string reason = std::strerror(errno);
  return base::failed(
      fmt::format("cannot start {}: cannot hold its input: {}", command.name, reason));
}

base::Result<void> open_stdio(const Command& command, LaunchPlan& plan) {
  auto input = open_input(command);
  POOLBENCH_TRY(input);
  const std::string log = command.log.empty() ? "/dev/null" : command.log.string();
  auto errors = open_above_stdio(command, log, O_WRONLY | O_CREAT | O_APPEND);
  POOLBENCH_TRY(errors);
  const int out = command.stdout_fd >= 0 ? command.stdout_fd : errors->get();
  plan.output = base::UniqueFd(::fcntl(out, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!plan.output) {
    const std::string reason = std::strerror(errno);
    return base::failed(
        fmt::format("cannot start {}: cannot copy its stdout: {}", command.name, reason));
  }
  plan.input = std::move(*input);
  plan.errors = std::move(*errors);
  return {};
}

}  // namespace

base::Result<LaunchPlan> plan_launch(const Command& command, const Environment& marks) {
  LaunchPlan plan;
  plan.name = command.name;
  auto user = find_user(command);
  POOLBENCH_TRY(user);
  plan.user = std::move(*user);
  const Environment environment = make_environment(command, marks, plan.user);
  auto program = find_executable(command, environment);
  POOLBENCH_TRY(program);
  plan.program = std::move(*program);
  plan.arguments = command.argv;
  for (const auto& [name, value] : environment) {
    plan.environment.push_back(fmt::format("{}={}", name, value));
  }
  plan.folder = command.folder.string();
  auto cpus = choose_cpus(command);
  POOLBENCH_TRY(cpus);
  plan.cpus = *cpus;
  if (command.raises_descriptor_limit) plan.descriptors = highest_descriptor_limit();
  POOLBENCH_TRY(open_stdio(command, plan));
  plan.death_signal = command.stop.signal;
  return plan;
}

}  // namespace poolbench::process
