#include "probe/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "process/process_table.h"

namespace poolbench::probe {
namespace {

constexpr std::string_view kEstablished = "01";
constexpr std::string_view kConnectedUnix = "03";

/// Takes the next word of a line.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <typename Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    visit(line);
  }
}

template <typename Number>
bool read_number(std::string_view text, Number& number, int base) {
  return std::from_chars(text.data(), text.data() + text.size(), number, base).ec == std::errc();
}

std::set<std::uint64_t> connections_of_unix_socket(std::string_view table, std::string_view path) {
  // Number, references, protocol, flags, type, state, inode, path.
  constexpr std::size_t kState = 5, kInode = 6;
  std::set<std::uint64_t> inodes;
  each_line(table, [&](std::string_view line) {
    std::array<std::string_view, kInode + 1> words;
    for (std::string_view& word : words) word = next_word(line);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    std::uint64_t inode = 0;
    // The client's end has no path: it was bound to none.
    const bool is_one = words[kState] == kConnectedUnix && line == path;
    if (is_one && read_number(words[kInode], inode, 10) && inode != 0) inodes.insert(inode);
  });
  return inodes;
}

/// The server's ends of its connections, as far as the network namespaces of these processes go.
std::set<std::uint64_t> connections_of(const std::vector<pid_t>& tree, const ListeningAt& server) {
  std::set<std::string> seen;
  std::set<std::uint64_t> inodes;
  for (const pid_t pid : tree) {
    std::error_code unreadable;
    const auto name =
        std::filesystem::read_symlink(fmt::format("/proc/{}/ns/net", pid), unreadable);
    if (!seen.insert(name.string()).second) continue;
    const auto take = [&](const char* table) {
      const auto text = base::read_file(fmt::format("/proc/{}/net/{}", pid, table));
      if (text) inodes.merge(connections_in(*text, server));
    };
    if (!server.unix_socket.empty()) {
      take("unix");
    } else {
      take("tcp");
      take("tcp6");
    }
  }
  return inodes;
}

}  // namespace

std::vector<TcpSocket> tcp_sockets(std::string_view table) {
  // Number, local address, remote one, state, queues, timer, retransmits, user, timeout, inode.
  constexpr std::size_t kLocal = 1, kState = 3, kInode = 9;
  std::vector<TcpSocket> sockets;
  each_line(table, [&](std::string_view line) {
    std::array<std::string_view, kInode + 1> words;
    for (std::string_view& word : words) word = next_word(line);
    const std::size_t colon = words[kLocal].find(':');
    TcpSocket socket;
    if (colon == std::string_view::npos ||
        !read_number(words[kLocal].substr(colon + 1), socket.port, 16) ||
        !read_number(words[kInode], socket.inode, 10)) {
      return;
    }
    socket.address = words[kLocal].substr(0, colon);
    socket.state = words[kState];
    sockets.push_back(socket);
  });
  return sockets;
}

std::set<std::uint64_t> connections_in(std::string_view table, const ListeningAt& server) {
  if (!server.unix_socket.empty()) return connections_of_unix_socket(table, server.unix_socket);
  std::set<std::uint64_t> inodes;
  for (const TcpSocket& socket : tcp_sockets(table)) {
    if (socket.port == server.port && socket.state == kEstablished && socket.inode != 0) {
      inodes.insert(socket.inode);
    }
  }
  return inodes;
}

void ConnectionHolders::look() {
  std::vector<pid_t> tree = process::descendants(root_);  // parents before their children
  tree.insert(tree.begin(), root_);
  const std::set<std::uint64_t> connections = connections_of(tree, server_);
  hidden_ = 0;
  for (const pid_t pid : tree) {
    const auto sockets = process::sockets_of(pid);
    if (!sockets) {
      const auto stat = process::read_stat(pid);
      if (stat && !stat->has_ended()) ++hidden_;
      continue;
    }
    for (const std::uint64_t inode : *sockets) {
      if (connections.contains(inode)) last_holders_[inode] = pid;
    }
  }
}

std::set<pid_t> ConnectionHolders::alive() const {
  std::set<pid_t> pids;
  for (const auto& [inode, pid] : last_holders_) {
    const auto stat = process::read_stat(pid);
    if (stat && !stat->has_ended()) pids.insert(pid);
  }
  return pids;
}

}  // namespace poolbench::probe
