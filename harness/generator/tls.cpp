#include "generator/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/file.h"

namespace poolbench::generator {
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

}  // namespace poolbench::generator
