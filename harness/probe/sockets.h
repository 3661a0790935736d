#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Sockets as the kernel lists them, and which processes of a tree hold a server's connections.

namespace poolbench::probe {

/// A line of /proc/net/tcp or /proc/net/tcp6.
struct TcpSocket {
  std::string_view address;  ///< the own one, as the kernel writes it
  std::uint16_t port = 0;    ///< the own one
  std::string_view state;    ///< "01": established; "0A": it listens
  std::uint64_t inode = 0;   ///< 0: no process has it
};

/// The sockets in the text of such a table, which must outlive them.
std::vector<TcpSocket> tcp_sockets(std::string_view table);

/// Where a server listens: on a TCP port, or on the socket of that path.
struct ListeningAt {
  std::uint16_t port = 0;
  std::string unix_socket{};  ///< empty: TCP
};

/// Inodes of the server's ends of its connections, in the text of /proc/net/tcp or
/// /proc/net/tcp6 or, for a unix socket, of /proc/net/unix.
std::set<std::uint64_t> connections_in(std::string_view table, const ListeningAt& server);

/// Watches which processes of a tree hold the server's ends of connections: those that serve. A
/// connection that one process accepts for another (the primary of a cluster of Node.js, say)
/// counts for the one that had it last, and for a child rather than for its parent.
class ConnectionHolders {
 public:
  /// The tree is that of `root` at each look.
  ConnectionHolders(pid_t root, ListeningAt server) : root_(root), server_(std::move(server)) {}

  /// Connections are seen only while they are open: to be called often.
  void look();

  /// Those that still run, of all that were seen.
  [[nodiscard]] std::set<pid_t> alive() const;

  /// Processes of the tree that may not be looked into, at the last look.
  [[nodiscard]] int hidden() const { return hidden_; }

 private:
  pid_t root_;
  ListeningAt server_;
  std::map<std::uint64_t, pid_t> last_holders_;  ///< by the connection's inode
  int hidden_ = 0;
};

}  // namespace poolbench::probe
