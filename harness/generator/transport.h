#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/raii.h"
#include "base/result.h"
#include "generator/options.h"

namespace poolbench::generator {

/// Where the connections go, ready for connect().
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

/// Looks the server's name up, once for the run: all its addresses, never none. Those of IPv4 come
/// first, as most development servers listen there only. kBadInput if there is no such host or the
/// socket's path is too long.
base::Result<std::vector<Address>> resolve(const Options& options);

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};

/// What all TLS sessions of a run share; none for plain HTTP.
class TlsContext {
 public:
  /// kBadInput if the file of certificates cannot be used.
  static base::Result<TlsContext> create(const Options& options);

  /// A client session over a connecting socket, or null if OpenSSL refuses.
  [[nodiscard]] std::unique_ptr<SSL, SslDeleter> start(int fd) const;

 private:
  std::unique_ptr<SSL_CTX, SslDeleter> context_;
  std::string host_;
  bool verify_ = true;
};

/// Why the last OpenSSL call of this thread failed; empties its list of errors.
std::string tls_error(const SSL* session);

/// A non-blocking stream to the server: a socket, with a TLS session over it if asked for.
class Channel {
 public:
  enum class Status { kDone, kWait, kClosed, kFailed };
  /// `bytes` were moved if kDone; `error` is an errno if kFailed.
  struct Result {
    Status status = Status::kDone;
    std::size_t bytes = 0;
    int error = 0;
  };

  /// Starts connecting; kDone and kWait both mean that it may be used. `tls` may be null.
  Result open(const Address& address, const TlsContext* tls);
  /// Completes the TLS session, at once if there is none.
  Result handshake();
  Result send(std::string_view bytes);
  Result receive(std::span<char> buffer);
  /// kDone if bytes of the server are here already, kWait if not; takes none of them.
  Result peek();
  /// The error that a failed connect left behind, 0 if none.
  [[nodiscard]] int pending_error() const;
  void close();

  [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// Whether a read shorter than its buffer has taken all there is.
  [[nodiscard]] bool short_read_is_last() const { return tls_ == nullptr; }
  /// Words for the last failure.
  [[nodiscard]] std::string explain(int error) const;

 private:
  Result tls_result(int returned);

  base::UniqueFd fd_;
  std::unique_ptr<SSL, SslDeleter> tls_;
  std::string tls_complaint_;
};

}  // namespace poolbench::generator
