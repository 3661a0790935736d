#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <memory>

#include "service/certificate.h"

namespace poolbench::service {

/// The files of a certificate for 127.0.0.1 that vouches for itself and was good until a minute
/// ago.
inline TlsFiles expired_certificate(const std::filesystem::path& folder) {
  constexpr long kFrom = -3600, kUntil = -60;
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  X509* const x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), kFrom);
  X509_gmtime_adj(X509_getm_notAfter(x), kUntil);
  X509_set_pubkey(x, key.get());
  X509_NAME* const name = X509_get_subject_name(x);
  const auto* const common = reinterpret_cast<const unsigned char*>("expired");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(x, name);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1"),
      X509_EXTENSION_free);
  X509_add_ext(x, names.get(), -1);
  X509_sign(x, key.get(), EVP_sha256());

  const TlsFiles files{folder / "expired.crt", folder / "expired.crt", folder / "expired.key"};
  const std::unique_ptr<BIO, decltype(&BIO_free)> certificate_file(
      BIO_new_file(files.certificate.c_str(), "w"), BIO_free);
  PEM_write_bio_X509(certificate_file.get(), x);
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_file(BIO_new_file(files.key.c_str(), "w"),
                                                           BIO_free);
  PEM_write_bio_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return files;
}

}  // namespace poolbench::service
