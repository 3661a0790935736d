#include "generator/transport.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "base/raii.h"

namespace poolbench::generator {
namespace {

base::Result<std::vector<Address>> unix_address(const std::string& path) {
  Address address;
  auto& target = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof target.sun_path) {
    return base::bad_input("the path of the socket is too long", path,
                           fmt::format("use at most {} bytes", sizeof target.sun_path - 1));
  }
  target.sun_family = AF_UNIX;
  std::memcpy(target.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof target;
  return std::vector{address};
}

}  // namespace

base::Result<std::vector<Address>> resolve(const Options& options) {
  if (!options.unix_socket.empty()) return unix_address(options.unix_socket);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(options.server.port);
  const int status = ::getaddrinfo(options.server.host.c_str(), port.c_str(), &hints, &found);
  if (status != 0) {
    return base::bad_input(
        fmt::format("cannot find the host {}: {}", options.server.host, ::gai_strerror(status)));
  }
  const base::ScopeExit release([&] { ::freeaddrinfo(found); });
  std::vector<Address> addresses;
  for (const bool is_ipv4 : {true, false}) {
    for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
      if ((each->ai_family == AF_INET) != is_ipv4) continue;
      Address& address = addresses.emplace_back();
      std::memcpy(&address.storage, each->ai_addr, each->ai_addrlen);
      address.size = each->ai_addrlen;
    }
  }
  return addresses;
}

namespace {

bool is_ip_address(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), buffer) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

}  // namespace

base::Result<TlsContext> TlsContext::create(const Options& options) {
  TlsContext result;
  result.host_ = options.server.host;
  result.verify_ = options.tls_verify;
  result.context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = result.context_.get();
  if (context == nullptr) return base::failed("OpenSSL cannot be set up: " + tls_error(nullptr));
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // A server that closes without close_notify ends a body just as a plain one does; the framing of
  // the answer tells whether it was whole.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_verify(context, options.tls_verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.tls_verify) return result;
  const std::string& file = options.tls_ca_file;
  if (!file.empty()) {
    // OpenSSL would not tell that it is missing.
    POOLBENCH_TRY(base::read_file(file));
  }
  const int loaded = file.empty() ? SSL_CTX_set_default_verify_paths(context)
                                  : SSL_CTX_load_verify_locations(context, file.c_str(), nullptr);
  if (loaded != 1) {
    ERR_clear_error();
    return base::bad_input("no certificate in PEM form can be read", file,
                           "name a PEM file of certificates with --ca-file");
  }
  return result;
}

std::unique_ptr<SSL, SslDeleter> TlsContext::start(int fd) const {
  std::unique_ptr<SSL, SslDeleter> session(SSL_new(context_.get()));
  if (!session || SSL_set_fd(session.get(), fd) != 1) return nullptr;
  SSL_set_connect_state(session.get());
  const bool is_ip = is_ip_address(host_);
  if (!is_ip) SSL_set_tlsext_host_name(session.get(), host_.c_str());
  if (!verify_) return session;
  const int set = is_ip
                      ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), host_.c_str())
                      : SSL_set1_host(session.get(), host_.c_str());
  return set == 1 ? std::move(session) : nullptr;
}

std::string tls_error(const SSL* session) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const long verdict = session == nullptr ? X509_V_OK : SSL_get_verify_result(session);
  if (verdict != X509_V_OK) {
    return fmt::format("certificate not accepted: {}", X509_verify_cert_error_string(verdict));
  }
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "the peer broke the TLS session off" : reason;
}

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

Channel::Result Channel::peek() {
  if (!tls_) {
    int bytes = 0;  // asking for their number does not clear the error of a failed connect
    const bool has_some = ::ioctl(fd_.get(), FIONREAD, &bytes) == 0 && bytes > 0;
    return {has_some ? Status::kDone : Status::kWait, 0, 0};
  }
  char first = 0;  // there may be records that hold nothing for us, such as session tickets
  ERR_clear_error();
  return tls_result(SSL_peek(tls_.get(), &first, 1));
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
