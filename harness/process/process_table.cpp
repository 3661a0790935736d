#include "process/process_table.h"

#include <dirent.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>

#include "base/file.h"
#include "process/interrupt.h"

namespace poolbench::process {
namespace {

template <typename Number>
Number number_of(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

pid_t pid_from(const char* name) {
  const std::string_view text(name);
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? number_of<pid_t>(text) : 0;
}

std::string proc_file(pid_t pid, std::string_view name) {
  return base::read_file(fmt::format("/proc/{}/{}", pid, name)).value_or(std::string());
}

/// While it lives, files are opened by this thread as that user would.
class FileAccessAs {
 public:
  FileAccessAs(uid_t user, gid_t group) {
    ::setfsgid(group);
    ::setfsuid(user);
  }
  FileAccessAs(const FileAccessAs&) = delete;
  FileAccessAs& operator=(const FileAccessAs&) = delete;
  ~FileAccessAs() {
    ::setfsuid(::geteuid());
    ::setfsgid(::getegid());
  }
};

/// What `read` says of a process that only its owner and CAP_SYS_PTRACE may look into. The root of
/// a container lacks that: it may not read of another user's process, but may act as that user.
template <typename Read>
std::string read_private(pid_t pid, Read read) {
  std::string text = read();
  struct stat process{};
  const bool maybe_hidden = text.empty() && ::geteuid() == 0 &&
                            ::stat(fmt::format("/proc/{}", pid).c_str(), &process) == 0 &&
                            process.st_uid != 0;
  if (!maybe_hidden) return text;
  const FileAccessAs owner(process.st_uid, process.st_gid);
  return read();
}

/// Where the links of its open descriptors lead, a line each, after an empty one. Empty if they may
/// not be read.
std::string descriptors_of(pid_t pid) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::directory_iterator at(fmt::format("/proc/{}/fd", pid), error);
  std::string links(error ? "" : "\n");
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    std::error_code closed_meanwhile;
    links += fs::read_symlink(at->path(), closed_meanwhile).string() + '\n';
  }
  return links;
}

}  // namespace

std::optional<ProcessStat> read_stat(pid_t pid) {
  const std::string text = proc_file(pid, "stat");
  // The name stands in parentheses and may itself hold spaces and parentheses.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  // Counted from the state, which is field 3 of proc(5).
  constexpr std::size_t kUserTime = 11, kChildrensSystemTime = 14, kStartTime = 19;
  std::array<std::string_view, kStartTime + 1> fields;
  std::string_view rest = std::string_view(text).substr(name_end + 1);
  for (std::string_view& field : fields) {
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    field = rest.substr(0, rest.find(' '));
    rest.remove_prefix(field.size());
  }
  if (fields[kStartTime].empty()) return std::nullopt;
  std::uint64_t cpu_ticks = 0;
  for (std::size_t i = kUserTime; i <= kChildrensSystemTime; ++i) {
    cpu_ticks += number_of<std::uint64_t>(fields[i]);
  }
  return ProcessStat{pid,
                     number_of<pid_t>(fields[1]),
                     number_of<pid_t>(fields[2]),
                     fields[0].front(),
                     cpu_ticks,
                     number_of<std::uint64_t>(fields[kStartTime])};
}

std::vector<ProcessStat> all_processes() {
  std::vector<ProcessStat> processes;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), &::closedir);
  if (!folder) return processes;
  while (const dirent* entry = ::readdir(folder.get())) {
    const pid_t pid = pid_from(entry->d_name);
    if (pid == 0) continue;
    if (const auto stat = read_stat(pid)) processes.push_back(*stat);
  }
  return processes;
}

std::string environment_of(pid_t pid) {
  return read_private(pid, [&] { return proc_file(pid, "environ"); });
}

std::string pid_namespace_of(pid_t pid) {
  return read_private(pid, [&] {
    std::error_code unreadable;
    return std::filesystem::read_symlink(fmt::format("/proc/{}/ns/pid", pid), unreadable).string();
  });
}

std::optional<std::set<std::uint64_t>> sockets_of(pid_t pid) {
  constexpr std::string_view kSocket = "socket:[";
  const std::string links = read_private(pid, [&] { return descriptors_of(pid); });
  if (links.empty()) return std::nullopt;
  std::set<std::uint64_t> inodes;
  for (auto at = links.find(kSocket); at != std::string::npos; at = links.find(kSocket, at + 1)) {
    inodes.insert(number_of<std::uint64_t>(std::string_view(links).substr(at + kSocket.size())));
  }
  return inodes;
}

std::optional<std::string_view> find_variable(std::string_view environment, std::string_view name) {
  while (!environment.empty()) {
    const std::string_view entry = environment.substr(0, environment.find('\0'));
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
    environment.remove_prefix(std::min(entry.size() + 1, environment.size()));
  }
  return std::nullopt;
}

std::string command_line_of(pid_t pid) {
  std::string text = proc_file(pid, "cmdline");
  while (!text.empty() && text.back() == '\0') text.pop_back();
  std::ranges::replace(text, '\0', ' ');
  if (!text.empty()) return text;
  std::string name = proc_file(pid, "comm");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return fmt::format("[{}]", name);
}

// By syscall: glibc 2.36 declares its own pidfd functions without extern "C".
base::UniqueFd pidfd_of(pid_t pid) {
  return base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

base::UniqueFd open_pidfd(const ProcessStat& process) {
  base::UniqueFd fd = pidfd_of(process.pid);
  const auto now = read_stat(process.pid);
  if (!now || now->start_ticks != process.start_ticks) fd.reset();
  return fd;
}

void send_signal(const ProcessStat& process, int signal) {
  const base::UniqueFd fd = open_pidfd(process);
  if (fd) ::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0);
}

bool await_ends(std::span<const ProcessStat> processes, base::SteadyTime deadline,
                Interrupt* interrupt) {
  std::vector<base::UniqueFd> alive;
  for (const ProcessStat& process : processes) {
    if (base::UniqueFd fd = open_pidfd(process)) alive.push_back(std::move(fd));
  }
  while (!alive.empty()) {
    std::vector<pollfd> fds{{interrupt != nullptr ? interrupt->fd() : -1, POLLIN, 0}};
    for (const base::UniqueFd& fd : alive) fds.push_back({fd.get(), POLLIN, 0});
    const bool in_time = pause(fds, deadline);
    std::size_t index = 0;
    std::erase_if(alive, [&](const base::UniqueFd&) { return fds[++index].revents != 0; });
    if (interrupt != nullptr) {
      interrupt->poll();
      if (interrupt->count() >= 2) return alive.empty();
    }
    if (!in_time) return alive.empty();
  }
  return true;
}

std::vector<pid_t> descendants(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const ProcessStat& process : all_processes()) children.emplace(process.parent, process.pid);
  std::vector<pid_t> found;
  // A list read while processes come and go could hold a cycle; taking children out ends it.
  const auto take_children_of = [&](pid_t parent) {
    const auto [first, last] = children.equal_range(parent);
    for (auto it = first; it != last; ++it) found.push_back(it->second);
    children.erase(first, last);
  };
  take_children_of(root);
  for (std::size_t i = 0; i < found.size(); ++i) take_children_of(found[i]);
  std::erase(found, root);
  return found;
}

}  // namespace poolbench::process
