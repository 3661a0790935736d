#include "service/certificate.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using Certificate = std::shared_ptr<X509>;

class CertificateTest : public testing::Test {
 protected:
  CertificateTest() {
    std::string name = (fs::temp_directory_path() / "poolbench-certificate-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~CertificateTest() override { fs::remove_all(folder_); }

  static Certificate read(const fs::path& file) {
    const std::shared_ptr<FILE> stream(std::fopen(file.c_str(), "r"), &std::fclose);
    return {PEM_read_X509(stream.get(), nullptr, nullptr, nullptr), X509_free};
  }
  /// Whether a client that trusts `root` accepts the server's certificate.
  static bool accepts(const Certificate& root, const Certificate& server) {
    const std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
    const std::shared_ptr<X509_STORE_CTX> context(X509_STORE_CTX_new(), X509_STORE_CTX_free);
    X509_STORE_add_cert(store.get(), root.get());
    X509_STORE_CTX_init(context.get(), store.get(), server.get(), nullptr);
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    return X509_verify_cert(context.get()) == 1;
  }
  fs::path folder_;
};

TEST_F(CertificateTest, IsAcceptedForItsNamesByWhoeverTrustsItsAuthorityAndNoOther) {
  const auto authority = CertificateAuthority::make(), other = CertificateAuthority::make();
  ASSERT_TRUE(authority && other);
  const CertificateFiles files{folder_ / "server.pem", folder_ / "server.key"};
  ASSERT_TRUE(authority->write(folder_ / "root.pem"));
  ASSERT_TRUE(other->write(folder_ / "other.pem"));
  ASSERT_TRUE(authority->issue({"localhost", "127.0.0.1", "::1"}, files));
  const Certificate server = read(files.certificate);
  EXPECT_TRUE(accepts(read(folder_ / "root.pem"), server));
  EXPECT_FALSE(accepts(read(folder_ / "other.pem"), server));
  EXPECT_EQ(X509_check_host(server.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(server.get(), "example.org", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(server.get(), "127.0.0.2", 0), 0);
}

TEST_F(CertificateTest, OnlyTheOwnerMayReadTheKeyWhateverWasThereBefore) {
  const auto authority = CertificateAuthority::make();
  ASSERT_TRUE(authority);
  const CertificateFiles files{folder_ / "server.pem", folder_ / "server.key"};
  ASSERT_TRUE(authority->issue({"localhost"}, files));
  fs::permissions(files.key, fs::perms(0644));
  ASSERT_TRUE(authority->issue({"localhost"}, files));
  EXPECT_EQ(fs::status(files.key).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(files.certificate).permissions(), fs::perms(0644));
}

TEST_F(CertificateTest, SaysWhereItCannotBeWritten) {
  const auto authority = CertificateAuthority::make();
  ASSERT_TRUE(authority);
  const auto written = authority->write(folder_ / "none" / "root.pem");
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, testing::HasSubstr("none/root.pem: No such file"));
}

}  // namespace
}  // namespace poolbench::service
