#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;
struct x509_st;

namespace poolbench::service {

/// Where a certificate and its private key go, in PEM.
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;  ///< readable by its owner alone
};

/// A certificate authority that exists for one run: its own key is never written anywhere. It
/// signs with RSA keys of 2048 bits, as most servers have them.
class CertificateAuthority {
 public:
  /// Makes one. kFailed with OpenSSL's words.
  static base::Result<CertificateAuthority> make();

  /// Writes its own certificate, which clients shall trust.
  [[nodiscard]] base::Result<void> write(const std::filesystem::path& file) const;

  /// Makes a server's certificate for these host names and addresses, good for a month.
  [[nodiscard]] base::Result<void> issue(const std::vector<std::string>& hosts,
                                         const CertificateFiles& files) const;

 private:
  CertificateAuthority() = default;
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace poolbench::service
