#include "generator/channel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>

#include <cerrno>
#include <cstring>

namespace poolbench::generator {
namespace {

Channel::Result plain_result(ssize_t moved) {
  if (moved > 0) return {Channel::Status::kDone, static_cast<std::size_t>(moved), 0};
  if (moved == 0) return {Channel::Status::kClosed, 0, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    return {Channel::Status::kWait, 0, 0};
  }
  return {Channel::Status::kFailed, 0, errno};
}

}  // namespace

Channel::Result Channel::open(const Address& address, const TlsContext* tls) {
  tls_.reset();
  tls_complaint_.clear();
  fd_.reset(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return {Status::kFailed, 0, errno};
  if (address.family() != AF_UNIX) {
    // A request larger than a segment must not wait for the acknowledgement of its first part.
    const int on = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  const bool connected = ::connect(fd_.get(), address.get(), address.size) == 0;
  if (!connected && errno != EINPROGRESS) return {Status::kFailed, 0, errno};
  if (tls != nullptr) {
    tls_ = tls->start(fd_.get());
    if (!tls_) return {Status::kFailed, 0, EPROTO};
  }
  return {connected ? Status::kDone : Status::kWait, 0, 0};
}

Channel::Result Channel::handshake() {
  if (!tls_) return {};
  ERR_clear_error();
  const int returned = SSL_do_handshake(tls_.get());
  return returned == 1 ? Result{} : tls_result(returned);
}

Channel::Result Channel::send(std::string_view bytes) {
  if (!tls_) return plain_result(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
  ERR_clear_error();
  return tls_result(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())));
}

Channel::Result Channel::receive(std::span<char> buffer) {
  if (!tls_) return plain_result(::recv(fd_.get(), buffer.data(), buffer.size(), 0));
  ERR_clear_error();
  return tls_result(SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size())));
}

Channel::Result Channel::tls_result(int returned) {
  if (returned > 0) return {Status::kDone, static_cast<std::size_t>(returned), 0};
  const int error = errno;
  switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {Status::kWait, 0, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::kClosed, 0, 0};
    case SSL_ERROR_SYSCALL:
      if (error != 0) return {Status::kFailed, 0, error};
      [[fallthrough]];
    default:
      tls_complaint_ = tls_error(tls_.get());
      return {Status::kFailed, 0, EPROTO};
  }
}

int Channel::pending_error() const {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

void Channel::close() {
  tls_.reset();
  fd_.reset();
}

std::string Channel::explain(int error) const {
  return tls_complaint_.empty() ? std::strerror(error) : tls_complaint_;
}

}  // namespace poolbench::generator
