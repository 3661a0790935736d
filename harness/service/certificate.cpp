#include "service/certificate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/raii.h"

namespace poolbench::service {
namespace {

constexpr int kKeyBits = 2048;
constexpr long kVersion3 = 2;
constexpr mode_t kForAll = 0644, kForOwner = 0600;
constexpr long kDay = 24L * 60 * 60;
constexpr long kValidSeconds = 30 * kDay;

using Key = std::shared_ptr<EVP_PKEY>;
using Certificate = std::shared_ptr<X509>;

tl::unexpected<base::Error> openssl_failed(const char* doing) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return base::failed(
      fmt::format("OpenSSL could not {}: {}", doing, reason == nullptr ? "no reason" : reason));
}

bool add_extension(X509* certificate, X509V3_CTX* context, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, kind, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool set_random_serial(X509* certificate) {
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1;
}

/// Version, serial number, time, name and key: what every certificate has. A clock that is a little
/// behind elsewhere does not matter.
bool fill(X509* certificate, EVP_PKEY* key, const std::string& common_name) {
  X509_NAME* name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, kVersion3) == 1 && set_random_serial(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kValidSeconds) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                    -1, 0) == 1 &&
         X509_set_pubkey(certificate, key) == 1;
}

bool is_address(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

std::string alternative_names(const std::vector<std::string>& hosts) {
  std::string names;
  for (const std::string& host : hosts) {
    names +=
        fmt::format("{}{}:{}", names.empty() ? "" : ",", is_address(host) ? "IP" : "DNS", host);
  }
  return names;
}

/// Makes the file anew, with these rights from its first byte on, and lets `write` fill it.
template <typename Write>
base::Result<void> write_pem(const std::filesystem::path& file, mode_t rights, Write write) {
  ::unlink(file.c_str());
  const base::UniqueFd fd(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, rights));
  if (!fd || ::fchmod(fd.get(), rights) != 0) {  // past the umask
    return base::failed(fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)),
                        file.string());
  }
  const std::shared_ptr<BIO> bio(BIO_new_fd(fd.get(), BIO_NOCLOSE), BIO_free);
  if (!bio || write(bio.get()) != 1) return openssl_failed("write a certificate");
  return {};
}

}  // namespace

base::Result<CertificateAuthority> CertificateAuthority::make() {
  CertificateAuthority authority;
  authority.key_ = Key(EVP_RSA_gen(kKeyBits), EVP_PKEY_free);
  authority.certificate_ = Certificate(X509_new(), X509_free);
  X509* own = authority.certificate_.get();
  EVP_PKEY* key = authority.key_.get();
  if (own == nullptr || key == nullptr || !fill(own, key, "poolbench's authority of one run") ||
      X509_set_issuer_name(own, X509_get_subject_name(own)) != 1) {
    return openssl_failed("make a certificate authority");
  }
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, own, own, nullptr, nullptr, 0);
  if (!add_extension(own, &context, NID_basic_constraints, "critical,CA:TRUE") ||
      !add_extension(own, &context, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(own, &context, NID_subject_key_identifier, "hash") ||
      X509_sign(own, key, EVP_sha256()) == 0) {
    return openssl_failed("make a certificate authority");
  }
  return authority;
}

base::Result<void> CertificateAuthority::write(const std::filesystem::path& file) const {
  return write_pem(file, kForAll,
                   [&](BIO* bio) { return PEM_write_bio_X509(bio, certificate_.get()); });
}

base::Result<void> CertificateAuthority::issue(const std::vector<std::string>& hosts,
                                               const CertificateFiles& files) const {
  const Key key(EVP_RSA_gen(kKeyBits), EVP_PKEY_free);
  const Certificate made(X509_new(), X509_free);
  X509* own = certificate_.get();
  if (!key || !made || hosts.empty() || !fill(made.get(), key.get(), hosts.front()) ||
      X509_set_issuer_name(made.get(), X509_get_subject_name(own)) != 1) {
    return openssl_failed("make a certificate");
  }
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, own, made.get(), nullptr, nullptr, 0);
  if (!add_extension(made.get(), &context, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(made.get(), &context, NID_key_usage,
                     "critical,digitalSignature,keyEncipherment") ||
      !add_extension(made.get(), &context, NID_ext_key_usage, "serverAuth") ||
      !add_extension(made.get(), &context, NID_subject_key_identifier, "hash") ||
      !add_extension(made.get(), &context, NID_authority_key_identifier, "keyid:always") ||
      !add_extension(made.get(), &context, NID_subject_alt_name, alternative_names(hosts)) ||
      X509_sign(made.get(), key_.get(), EVP_sha256()) == 0) {
    return openssl_failed("make a certificate");
  }
  POOLBENCH_TRY(write_pem(files.certificate, kForAll,
                          [&](BIO* bio) { return PEM_write_bio_X509(bio, made.get()); }));
  return write_pem(files.key, kForOwner, [&](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

}  // namespace poolbench::service
