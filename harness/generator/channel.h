#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/raii.h"
#include "generator/address.h"
#include "generator/tls.h"

namespace poolbench::generator {

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
