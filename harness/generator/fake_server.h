#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/endpoint.h"
#include "base/raii.h"

namespace poolbench::generator {

/// One connection as the fake server sees it.
class Peer {
 public:
  Peer(base::UniqueFd socket, std::atomic<int>& requests)
      : socket_(std::move(socket)), requests_(requests) {}

  /// The next request up to its empty line, or none if the client has closed.
  std::optional<std::string> request() {
    std::size_t end = received_.find("\r\n\r\n");
    while (end == std::string::npos) {
      std::array<char, 4096> buffer{};
      const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (got <= 0) return std::nullopt;
      received_.append(buffer.data(), static_cast<std::size_t>(got));
      end = received_.find("\r\n\r\n");
    }
    std::string head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    ++requests_;
    return head;
  }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Answers 200 with this body.
  bool answer(std::string_view body, std::string_view more_headers = {}) {
    return send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
                std::string(more_headers) + "\r\n" + std::string(body));
  }

  /// Until the client closes.
  void await_close() {
    std::array<char, 4096> buffer{};
    while (::recv(socket_.get(), buffer.data(), buffer.size(), 0) > 0) {
    }
  }

  /// Closes with a reset instead of an orderly end.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    socket_.reset();
  }

  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  base::UniqueFd socket_;
  std::atomic<int>& requests_;
  std::string received_;
};

/// Binds a TCP socket to a free port of 127.0.0.1, and gives the address.
inline sockaddr_in bind_to_loopback(int socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(socket, generic, size), 0);
  EXPECT_EQ(::getsockname(socket, generic, &size), 0);
  return address;
}

/// A server on 127.0.0.1 that treats every connection as its script says, each on its own thread.
class FakeServer {
 public:
  explicit FakeServer(std::function<void(Peer&)> script) : script_(std::move(script)) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    address_ = bind_to_loopback(listener_.get());
    listen();
  }
  /// On ::1 instead.
  struct OnIpv6 {};
  FakeServer(std::function<void(Peer&)> script, OnIpv6) : script_(std::move(script)) {
    listener_.reset(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), generic, size), 0);
    EXPECT_EQ(::getsockname(listener_.get(), generic, &size), 0);
    address_.sin_port = address.sin6_port;
    listen();
  }
  /// On a UNIX socket at this path instead.
  FakeServer(std::function<void(Peer&)> script, const std::string& path)
      : script_(std::move(script)) {
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    listen();
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  ~FakeServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }

  [[nodiscard]] base::Endpoint endpoint() const { return {"127.0.0.1", ntohs(address_.sin_port)}; }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void listen() {
    constexpr int kBacklog = 512;
    EXPECT_EQ(::listen(listener_.get(), kBacklog), 0);
    acceptor_ = std::jthread([this] { accept_all(); });
  }

  void accept_all() {
    for (;;) {
      base::UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!socket) return;
      ++connections_;
      const std::lock_guard lock(mutex_);
      open_.push_back(socket.get());
      const auto self = std::prev(open_.end());
      threads_.emplace_back([this, self, peer = Peer(std::move(socket), requests_)]() mutable {
        ::prctl(PR_SET_TIMERSLACK, 1);
        script_(peer);
        const std::lock_guard forget(mutex_);
        open_.erase(self);
        const Peer closed = std::move(peer);
      });
    }
  }

  std::function<void(Peer&)> script_;
  base::UniqueFd listener_;
  sockaddr_in address_{};
  std::atomic<int> requests_{0};
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::list<int> open_;
  std::list<std::jthread> threads_;
  std::jthread acceptor_;
};

}  // namespace poolbench::generator
