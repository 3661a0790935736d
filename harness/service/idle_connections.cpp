#include "service/idle_connections.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>

namespace poolbench::service {
namespace {

template <typename Address>
base::UniqueFd idle_connection(const Address& address, int family) {
  base::UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (socket && ::connect(socket.get(), generic, sizeof address) != 0 && errno != EINPROGRESS) {
    socket.reset();
  }
  return socket;
}

base::UniqueFd idle_connection(const probe::ListeningAt& server) {
  if (!server.unix_socket.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (server.unix_socket.size() >= sizeof address.sun_path) return {};
    std::ranges::copy(server.unix_socket, address.sun_path);
    return idle_connection(address, AF_UNIX);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(server.port);
  return idle_connection(address, AF_INET);
}

}  // namespace

IdleConnections::IdleConnections(const probe::ListeningAt& server, int count) {
  for (int i = 0; i < count; ++i) {
    if (base::UniqueFd socket = idle_connection(server)) sockets_.push_back(std::move(socket));
  }
}

}  // namespace poolbench::service
