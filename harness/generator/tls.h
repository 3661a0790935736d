#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "generator/options.h"

namespace poolbench::generator {

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

}  // namespace poolbench::generator
