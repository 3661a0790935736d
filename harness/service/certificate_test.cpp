// Whom clients trust, and whom they do not.
#include "service/certificate.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/stat.h>

#include <thread>

#include "base/file.h"
#include "process/fixture.h"
#include "service/expired_certificate_fixture.h"
#include "service/login.h"
#include "service/requests.h"

namespace poolbench::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// A server of 127.0.0.1 with a certificate for these names.
class CertificateTest : public process::ProcessTest {
 protected:
  ~CertificateTest() override {
    if (server_) server_->stop();
    serving_ = {};
  }
  /// The files of a new authority and a certificate by it.
  TlsFiles files_for(const std::vector<std::string>& names, const std::string& below,
                     KeyKind kind = KeyKind::kP256) {
    const auto authority = CertificateAuthority::create();
    const auto certificate = authority->issue(names, kind);
    EXPECT_TRUE(certificate) << certificate.error().message;
    fs::create_directories(folder_ / below);
    const auto files = write_certificate(*authority, *certificate, folder_ / below, "web");
    EXPECT_TRUE(files) << files.error().message;
    return *files;
  }
  void serve(const TlsFiles& files) {
    server_ = std::make_unique<httplib::SSLServer>(files.certificate.c_str(), files.key.c_str());
    server_->Get("/", [](const httplib::Request& asked, httplib::Response& answer) {
      answer.set_content(asked.get_header_value("Host"), "text/plain");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    serving_ = std::jthread([this] { server_->listen_after_bind(); });
    while (!server_->is_running()) std::this_thread::yield();
  }
  Answer answer_of(const std::string& host, const fs::path& trusted) {
    const base::HttpServer server{.endpoint = {host, static_cast<std::uint16_t>(port_)},
                                  .tls = true,
                                  .ca_file = trusted.string()};
    const auto answers = ask(*supervisor_, {server, {HttpRequest{}}, 5s});
    EXPECT_TRUE(answers);
    return answers ? answers->front() : Answer{};
  }

  std::unique_ptr<httplib::SSLServer> server_;
  std::jthread serving_;
  int port_ = 0;
};

TEST_F(CertificateTest, IsTrustedByItsNamesAndAddresses) {
  const TlsFiles files = files_for({"localhost", "127.0.0.1"}, "own");
  serve(files);
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    const Answer answer = answer_of(host, files.authority);
    EXPECT_EQ(answer.failure, "") << host;
    EXPECT_EQ(answer.body, host + ":" + std::to_string(port_));
  }
}

TEST_F(CertificateTest, WithAnRsaKeyIsTrustedToo) {
  const TlsFiles files = files_for({"localhost", "127.0.0.1"}, "own", KeyKind::kRsa);
  serve(files);
  EXPECT_EQ(answer_of("127.0.0.1", files.authority).failure, "");
}

TEST_F(CertificateTest, SaysWhereItCannotBeWritten) {
  const auto authority = CertificateAuthority::create();
  const auto certificate = authority->issue({"localhost"});
  ASSERT_TRUE(certificate);
  const auto files = write_certificate(*authority, *certificate, folder_ / "none", "web");
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("none/authority.crt"));
}

TEST_F(CertificateTest, OfAnotherAuthorityIsRefused) {
  const TlsFiles other = files_for({"127.0.0.1"}, "other");
  serve(files_for({"127.0.0.1"}, "own"));
  EXPECT_THAT(
      answer_of("127.0.0.1", other.authority).failure,
      HasSubstr("the certificate of 127.0.0.1:" + std::to_string(port_) + " is not accepted: "));
  EXPECT_THAT(answer_of("127.0.0.1", "").failure, HasSubstr("is not accepted: "))
      << "the system trusts neither";
}

TEST_F(CertificateTest, ForAnotherNameIsRefused) {
  const TlsFiles files = files_for({"shop.example"}, "own");
  serve(files);
  EXPECT_THAT(answer_of("127.0.0.1", files.authority).failure,
              HasSubstr("is not accepted: it is for another name"));
}

TEST_F(CertificateTest, ThatHasExpiredIsRefusedByReadinessAndLogIn) {
  const TlsFiles files = expired_certificate(folder_);
  serve(files);
  const std::string why = fmt::format(
      "no answer: the certificate of 127.0.0.1:{} is not accepted: certificate has expired", port_);
  EXPECT_EQ(answer_of("127.0.0.1", files.authority).failure, why);
  scenario::LoginSpec login;
  login.request.path = "/";
  const auto kept = log_in(*supervisor_, {login},
                           {{.endpoint = {"127.0.0.1", static_cast<std::uint16_t>(port_)},
                             .tls = true,
                             .ca_file = files.authority.string()},
                            1,
                            5s,
                            {},
                            {}});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().message, "the log-in GET / fails: " + why);
}

TEST_F(CertificateTest, KeyIsItsOwnersAlone) {
  const TlsFiles files = files_for({"localhost"}, "own");
  struct stat found{};
  ASSERT_EQ(::stat(files.key.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777U, 0600U);
  EXPECT_THAT(base::read_file(files.key).value(), HasSubstr("PRIVATE KEY"));
  EXPECT_THAT(base::read_file(files.certificate).value(),
              HasSubstr(base::read_file(files.authority).value()));
}

}  // namespace
}  // namespace poolbench::service
