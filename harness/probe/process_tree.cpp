#include "probe/process_tree.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <optional>
#include <sstream>
#include <vector>

#include "base/file.h"
#include "probe/sockets.h"
#include "process/process_table.h"

namespace poolbench::probe {
namespace {

constexpr std::uint64_t kBytesPerKilobyte = 1024;

std::vector<pid_t> with_descendants(pid_t root) {
  std::vector<pid_t> pids = process::descendants(root);
  pids.push_back(root);
  return pids;
}

struct Resident {
  std::uint64_t own_bytes = 0;
  std::uint64_t shared_memory_bytes = 0;
};

Resident resident(pid_t pid) {
  Resident result;
  std::istringstream status(base::read_file(fmt::format("/proc/{}/status", pid)).value_or(""));
  std::string line;
  while (std::getline(status, line)) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t kilobytes = 0;
    fields >> name >> kilobytes;
    if (name == "RssAnon:" || name == "RssFile:") result.own_bytes += kilobytes * kBytesPerKilobyte;
    if (name == "RssShmem:") result.shared_memory_bytes = kilobytes * kBytesPerKilobyte;
  }
  return result;
}

}  // namespace

double tree_cpu_seconds(pid_t root) {
  std::uint64_t ticks = 0;
  for (const pid_t pid : with_descendants(root)) {
    if (const auto stat = process::read_stat(pid)) ticks += stat->cpu_ticks;
  }
  return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

RunDelays tree_run_delays(pid_t root) {
  constexpr double kNanoseconds = 1e-9;
  RunDelays delays;
  for (const pid_t pid : with_descendants(root)) {
    const auto tasks = base::entries_of(fmt::format("/proc/{}/task", pid));
    if (!tasks) continue;  // it has ended
    for (const std::filesystem::path& task : *tasks) {
      const std::string name = task.filename().string();
      pid_t thread = 0;
      std::from_chars(name.data(), name.data() + name.size(), thread);
      std::istringstream fields(base::read_file(task / "schedstat").value_or(""));
      double running = 0, waiting = 0;
      if (fields >> running >> waiting) delays[thread] = waiting * kNanoseconds;
    }
  }
  return delays;
}

std::optional<double> run_delay_between(const RunDelays& before, const RunDelays& after) {
  if (after.empty()) return std::nullopt;
  double sum = 0;
  for (const auto& [thread, delay] : after) {
    const auto first = before.find(thread);
    sum += std::max(0.0, first == before.end() ? delay : delay - first->second);
  }
  return sum;
}

std::uint64_t tree_rss_bytes(pid_t root) {
  std::uint64_t own = 0;
  std::uint64_t shared = 0;
  for (const pid_t pid : with_descendants(root)) {
    const Resident one = resident(pid);
    own += one.own_bytes;
    shared = std::max(shared, one.shared_memory_bytes);
  }
  return own + shared;
}

namespace {

constexpr std::string_view kListening = "0A";
/// Of a unix socket: __SO_ACCEPTCON.
constexpr std::string_view kAcceptsConnections = "00010000";

/// As the kernel writes them: each group of four bytes as one number of this machine.
std::array<std::string, 4> loopback_addresses() {
  const bool little = std::endian::native == std::endian::little;
  const std::string loopback = little ? "0100007F" : "7F000001";
  const std::string mapped = little ? "0000000000000000FFFF0000" : "00000000000000000000FFFF";
  return {loopback, std::string(8, '0'), std::string(32, '0'), mapped + loopback};
}

bool takes_loopback(std::string_view address) {
  static const auto addresses = loopback_addresses();
  return std::ranges::find(addresses, address) != addresses.end();
}

/// IPv4's own sockets first: where there is one, it gets the connection.
std::optional<std::set<std::uint64_t>> sockets_here(std::uint16_t port) {
  const auto table = base::read_file("/proc/net/tcp");
  if (!table) return std::nullopt;
  auto found = listening_sockets(*table, port);
  if (!found.empty()) return found;
  return listening_sockets(base::read_file("/proc/net/tcp6").value_or(""), port);
}

bool is_alive(pid_t pid) {
  const auto stat = process::read_stat(pid);
  return stat && !stat->has_ended();
}

/// Why these sockets, which listen at `place`, are not those of the tree; empty if they are.
std::string why_not_held(std::set<std::uint64_t> waiting, pid_t root, const std::string& place) {
  std::vector<pid_t> tree = process::descendants(root);
  tree.insert(tree.begin(), root);
  std::optional<pid_t> hidden;
  for (const pid_t pid : tree) {
    const auto sockets = process::sockets_of(pid);
    if (!sockets && !hidden && is_alive(pid)) hidden = pid;
    if (sockets) std::erase_if(waiting, [&](auto inode) { return sockets->contains(inode); });
  }
  if (waiting.empty()) return {};
  if (hidden) {
    return fmt::format(
        "process {} of the target may not be looked into: whether it answers on {} is not known",
        *hidden, place);
  }
  return fmt::format(
      "no process that the target's command started holds the socket of {}: whoever answers is run "
      "by somebody else (a container's engine, a daemon)",
      place);
}

}  // namespace

std::set<std::uint64_t> listening_sockets(std::string_view table, std::uint16_t port) {
  std::set<std::uint64_t> inodes;
  for (const TcpSocket& socket : tcp_sockets(table)) {
    if (socket.state == kListening && socket.port == port && takes_loopback(socket.address)) {
      inodes.insert(socket.inode);
    }
  }
  return inodes;
}

std::string why_unseen(std::uint16_t port, pid_t root) {
  auto waiting = sockets_here(port);
  if (!waiting) return "/proc/net/tcp cannot be read: whose processes answer is not known";
  if (waiting->empty()) {
    return fmt::format(
        "no socket of this machine listens on port {}: whoever answers is in another network "
        "namespace (a container), and its processes cannot be told",
        port);
  }
  return why_not_held(*std::move(waiting), root, fmt::format("port {}", port));
}

std::set<std::uint64_t> listening_unix_sockets(std::string_view table, std::string_view path) {
  std::set<std::uint64_t> inodes;
  std::istringstream lines{std::string(table)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, references, protocol, flags, type, state, name;
    std::uint64_t inode = 0;
    fields >> number >> references >> protocol >> flags >> type >> state >> inode >> std::ws;
    std::getline(fields, name);
    if (flags == kAcceptsConnections && name == path) inodes.insert(inode);
  }
  return inodes;
}

std::string why_unseen(const std::string& path, pid_t root) {
  const auto table = base::read_file("/proc/net/unix");
  if (!table) return "/proc/net/unix cannot be read: whose processes answer is not known";
  auto waiting = listening_unix_sockets(*table, path);
  if (waiting.empty()) {
    return fmt::format(
        "no socket of this machine listens at {} under that name: whoever answers cannot be told",
        path);
  }
  return why_not_held(std::move(waiting), root, path);
}

}  // namespace poolbench::probe
