// The least that a client can do: bare epoll, one write and one read a request, no checks, no
// histogram. What the native generator costs is stated as a multiple of it.
//
//   load_floor PORT PATH ANSWER_BYTES CONNECTIONS SECONDS [close]
//
// prints the number of answers. ANSWER_BYTES is the size of a whole answer, headers included.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Connection {
  int fd = -1;
  std::size_t received = 0;
};

struct Floor {
  sockaddr_in address{};
  std::string request;
  std::size_t answer_bytes = 0;
  bool close = false;
  int epoll = ::epoll_create1(0);
  std::uint64_t answers = 0;
  std::array<char, 65536> buffer{};

  void write(Connection& connection) const {
    connection.received = 0;
    if (::send(connection.fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
  }

  void open(Connection& connection) const {
    connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    [[maybe_unused]] const int in_progress =
        ::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.ptr = &connection;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, connection.fd, &event);
    write(connection);
  }

  void read(Connection& connection) {
    const ssize_t got = ::recv(connection.fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    connection.received += static_cast<std::size_t>(got);
    if (connection.received < answer_bytes) return;
    ++answers;
    if (!close) return write(connection);
    ::close(connection.fd);
    open(connection);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  Floor floor;
  floor.address.sin_family = AF_INET;
  floor.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  floor.address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  floor.answer_bytes = static_cast<std::size_t>(std::atoi(argv[3]));
  floor.close = argc > 6;
  floor.request = "GET " + std::string(argv[2]) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
                  (floor.close ? "Connection: close\r\n\r\n" : "\r\n");
  std::vector<Connection> connections(static_cast<std::size_t>(std::atoi(argv[4])));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[5]));
  for (Connection& connection : connections) floor.open(connection);
  std::array<epoll_event, 256> events{};
  while (std::chrono::steady_clock::now() < end) {
    const int count = ::epoll_wait(floor.epoll, events.data(), events.size(), 100);
    for (int i = 0; i < count; ++i) {
      floor.read(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
  }
  std::printf("%llu\n", static_cast<unsigned long long>(floor.answers));
}
