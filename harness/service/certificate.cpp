#include "service/certificate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/raii.h"

namespace poolbench::service {
namespace {

constexpr unsigned kRsaBits = 2048;
constexpr long kDay = 24L * 60 * 60;
/// No run takes longer; clocks of a machine's containers may differ a little.
constexpr long kValidFrom = -kDay, kValidTo = 14 * kDay;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

tl::unexpected<base::Error> refused(const char* what) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  return base::failed(fmt::format("OpenSSL cannot make {}: {}", what,
                                  reason == nullptr ? "it does not say why" : reason));
}

std::string text_in(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

base::Result<std::string> pem_of(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return refused("a certificate");
  return text_in(bio);
}

base::Result<std::string> pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  const bool written =
      bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!written) return refused("a key");
  return text_in(bio);
}

/// Whom it is for, by whom, and from when to when. False if OpenSSL refuses.
bool fill(X509* certificate, const std::string& subject, const X509* issuer, EVP_PKEY* key) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>(subject.c_str());
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), kValidFrom) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kValidTo) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 &&
         X509_set_pubkey(certificate, key) == 1;
}

/// In the words of OpenSSL's configuration files.
bool extend(X509* certificate, X509* issuer,
            const std::vector<std::pair<int, std::string>>& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [kind, text] : extensions) {
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str()), &X509_EXTENSION_free);
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) return false;
  }
  return true;
}

/// "DNS:localhost,IP:127.0.0.1".
std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool is_address = base::is_loopback(name).has_value();
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", is_address ? "IP" : "DNS", name);
  }
  return text;
}

/// Nobody but its owner ever could read it, and it is no file that was there before.
base::Result<void> write_key(const std::filesystem::path& file, const std::string& text) {
  const base::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const auto size = static_cast<ssize_t>(text.size());
  if (!fd || ::write(fd.get(), text.data(), text.size()) != size) {
    return base::failed(fmt::format("cannot write a private key: {}", std::strerror(errno)),
                        file.string());
  }
  return {};
}

}  // namespace

base::Result<CertificateAuthority> CertificateAuthority::create() {
  CertificateAuthority authority;
  authority.key_.reset(EVP_EC_gen("P-256"));
  authority.self_.reset(X509_new());
  X509* const self = authority.self_.get();
  EVP_PKEY* const key = authority.key_.get();
  const bool made = key != nullptr && self != nullptr &&
                    fill(self, "poolbench, for one run", self, key) &&
                    extend(self, self,
                           {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                            {NID_key_usage, "critical,keyCertSign,cRLSign"},
                            {NID_subject_key_identifier, "hash"}}) &&
                    X509_sign(self, key, EVP_sha256()) > 0;
  if (!made) return refused("a certificate authority");
  auto pem = pem_of(self);
  if (!pem) return tl::unexpected(pem.error());
  authority.pem_ = *std::move(pem);
  return authority;
}

base::Result<Certificate> CertificateAuthority::issue(const std::vector<std::string>& names,
                                                      KeyKind kind) const {
  const std::unique_ptr<EVP_PKEY, Deleter> key(kind == KeyKind::kRsa ? EVP_RSA_gen(kRsaBits)
                                                                     : EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Deleter> certificate(X509_new());
  const bool made = key && certificate && !names.empty() &&
                    fill(certificate.get(), names.front(), self_.get(), key.get()) &&
                    extend(certificate.get(), self_.get(),
                           {{NID_basic_constraints, "critical,CA:FALSE"},
                            {NID_key_usage, "critical,digitalSignature"},
                            {NID_ext_key_usage, "serverAuth"},
                            {NID_subject_key_identifier, "hash"},
                            {NID_authority_key_identifier, "keyid:always"},
                            {NID_subject_alt_name, alternative_names(names)}}) &&
                    X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0;
  if (!made) return refused("a certificate");
  auto own = pem_of(certificate.get()), private_key = pem_of(key.get());
  if (!own || !private_key) return tl::unexpected(own ? private_key.error() : own.error());
  return Certificate{*own + pem_, *std::move(private_key)};
}

base::Result<TlsFiles> write_certificate(const CertificateAuthority& authority,
                                         const Certificate& certificate,
                                         const std::filesystem::path& folder,
                                         const std::string& name) {
  TlsFiles files{folder / "authority.crt", folder / (name + ".crt"), folder / (name + ".key")};
  POOLBENCH_TRY(base::write_file_atomically(files.authority, authority.certificate()));
  POOLBENCH_TRY(base::write_file_atomically(files.certificate, certificate.chain));
  POOLBENCH_TRY(write_key(files.key, certificate.key));
  return files;
}

}  // namespace poolbench::service
