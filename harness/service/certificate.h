#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

// Certificates for servers that a run starts.

namespace poolbench::service {

/// A certificate followed by that of its authority, and its private key, as PEM.
struct Certificate {
  std::string chain;
  std::string key;
};

enum class KeyKind {
  kP256,  ///< an elliptic curve: the handshake costs little
  kRsa,   ///< 2048 bits, as most database servers have it
};

/// A certificate authority for one run. Its own key is in memory alone, and gone with it. What it
/// issues is valid for some days.
class CertificateAuthority {
 public:
  static base::Result<CertificateAuthority> create();

  /// Its own certificate as PEM: what clients have to trust.
  [[nodiscard]] const std::string& certificate() const { return pem_; }
  /// A certificate for a server of these names and addresses; the first is its subject.
  [[nodiscard]] base::Result<Certificate> issue(const std::vector<std::string>& names,
                                                KeyKind kind = KeyKind::kP256) const;

 private:
  struct Deleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  CertificateAuthority() = default;

  std::unique_ptr<EVP_PKEY, Deleter> key_;
  std::unique_ptr<X509, Deleter> self_;
  std::string pem_;
};

/// What a server that speaks TLS is given, and its clients.
struct TlsFiles {
  std::filesystem::path authority;    ///< certificate of the authority
  std::filesystem::path certificate;  ///< Certificate::chain
  std::filesystem::path key;          ///< readable by its owner alone
};

/// Writes them into a folder, "<name>.crt", "<name>.key" and the authority's "authority.crt".
base::Result<TlsFiles> write_certificate(const CertificateAuthority& authority,
                                         const Certificate& certificate,
                                         const std::filesystem::path& folder,
                                         const std::string& name);

}  // namespace poolbench::service
