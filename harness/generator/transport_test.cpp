// The same requests over TLS and over UNIX sockets.
#include "generator/transport.h"

#include <gmock/gmock.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>

#include "base/temporary_folder_fixture.h"
#include "generator/measuring_fixture.h"

namespace poolbench::generator {
namespace {

using report::Measurement;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

template <auto Function>
struct Deleter {
  template <typename Object>
  void operator()(Object* object) const {
    Function(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Deleter<X509_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using SessionPtr = std::unique_ptr<SSL, Deleter<SSL_free>>;

constexpr long kAnHour = 3600;

// A self-signed certificate for an address, good until so many seconds from now.
CertificatePtr make_certificate(EVP_PKEY* key, const char* alternative_name, long good_until) {
  CertificatePtr certificate(X509_new());
  X509* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -kAnHour);
  X509_gmtime_adj(X509_getm_notAfter(x), good_until);
  X509_set_pubkey(x, key);
  X509_NAME* name = X509_get_subject_name(x);
  const auto* common = reinterpret_cast<const unsigned char*>("poolbench");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(x, name);
  std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_name));
  X509_add_ext(x, extension.get(), -1);
  X509_sign(x, key, EVP_sha256());
  return certificate;
}

// OpenSSL writes with write(): where the client has gone, that raises SIGPIPE in the thread.
void block_sigpipe_in_this_thread() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

class TlsServer {
 public:
  explicit TlsServer(const char* alternative_name, bool answers_early = false,
                     long good_until = kAnHour)
      : answers_early_(answers_early),
        key_(EVP_EC_gen("P-256")),
        certificate_(make_certificate(key_.get(), alternative_name, good_until)),
        context_(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    server_.emplace([this](Peer& peer) { serve(peer); });
  }

  [[nodiscard]] base::Endpoint endpoint() const { return server_->endpoint(); }

  [[nodiscard]] std::string certificate_file() const {
    const std::string path = folder_ / "server.crt";
    std::unique_ptr<BIO, Deleter<BIO_free>> file(BIO_new_file(path.c_str(), "w"));
    PEM_write_bio_X509(file.get(), certificate_.get());
    return path;
  }

 private:
  // Bodies of 40,000 bytes, so that an answer takes several TLS records.
  void serve(Peer& peer) const {
    block_sigpipe_in_this_thread();
    const SessionPtr session(SSL_new(context_.get()));
    SSL_set_fd(session.get(), peer.fd());
    const std::string answer =
        "HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + std::string(40000, 'x');
    if (answers_early_) {
      // What ends the handshake and the answer leave together.
      SSL_set_max_proto_version(session.get(), TLS1_2_VERSION);
      set_corked(peer.fd(), 1);
    }
    if (SSL_accept(session.get()) != 1) return;
    if (answers_early_) {
      SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
      set_corked(peer.fd(), 0);
    }
    std::array<char, 4096> buffer;
    while (SSL_read(session.get(), buffer.data(), static_cast<int>(buffer.size())) > 0) {
      if (SSL_write(session.get(), answer.data(), static_cast<int>(answer.size())) <= 0) return;
    }
  }

  static void set_corked(int fd, int on) {
    ::setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  }

  base::TemporaryFolder folder_;
  bool answers_early_;
  KeyPtr key_;
  CertificatePtr certificate_;
  ContextPtr context_;
  std::optional<FakeServer> server_;
};

Options over_tls(const TlsServer& server) {
  Options options;
  options.server = server.endpoint();
  options.tls = true;
  options.connections = 3;
  options.request_count = 30;
  options.timeout = std::chrono::seconds(5);
  options.requests[0].expect.length = 40000;
  return options;
}

TEST(Tls, AnswersAreReadWhole) {
  const TlsServer server("IP:127.0.0.1");
  Options options = over_tls(server);
  options.tls_verify = false;
  EXPECT_EQ(measure(options).requests.ok, 30U);
  options.requests_per_connection = 1;
  const Measurement m = measure(options);
  EXPECT_EQ(m.requests.ok, 30U);
  EXPECT_EQ(m.connect_us.count, 30U);
}

TEST(Tls, AnAnswerBeforeAnyRequestIsAParseError) {
  const TlsServer server("IP:127.0.0.1", true);
  Options options = over_tls(server);
  options.tls_verify = false;
  options.connections = 1;
  options.request_count = 2;
  const Measurement m = measure(options);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("parse", 2)));
  EXPECT_THAT(m.first_error, HasSubstr("before it was asked for anything"));
  EXPECT_EQ(m.connect_us.count, 2U);
}

TEST(Channel, TellsWhatCameBeforeAnythingWasSentAndTakesNothingOfIt) {
  const FakeServer server([](Peer& peer) {
    peer.send("early");
    peer.await_close();
  });
  Options options;
  options.server = server.endpoint();
  const auto addresses = resolve(options);
  ASSERT_TRUE(addresses);
  Channel channel;
  ASSERT_NE(channel.open(addresses->front(), nullptr).status, Channel::Status::kFailed);
  pollfd readable{channel.fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&readable, 1, 5000), 1);
  EXPECT_EQ(channel.peek().status, Channel::Status::kDone);
  std::array<char, 16> buffer{};
  EXPECT_EQ(channel.receive(buffer).bytes, 5U);
  EXPECT_EQ(channel.peek().status, Channel::Status::kWait);
}

TEST(Tls, ACertificateThatIsTrustedAndNamesTheHostIsAccepted) {
  const TlsServer server("IP:127.0.0.1");
  Options options = over_tls(server);
  options.tls_ca_file = server.certificate_file();
  EXPECT_EQ(measure(options).requests.ok, 30U);
}

TEST(Tls, ACertificateThatIsNotTrustedIsAnErrorWithItsReason) {
  const TlsServer server("IP:127.0.0.1");
  const Measurement m = measure(over_tls(server));
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("connect_other", 30)));
  EXPECT_THAT(m.first_error, HasSubstr("certificate not accepted: self-signed certificate"));
}

TEST(Tls, ACertificateForAnotherHostIsAnError) {
  const TlsServer server("DNS:other.example");
  Options options = over_tls(server);
  options.tls_ca_file = server.certificate_file();
  const Measurement m = measure(options);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("connect_other", 30)));
  EXPECT_THAT(m.first_error, HasSubstr("mismatch"));
}

TEST(Tls, ACertificateThatHasExpiredIsAnErrorThatSaysSo) {
  const TlsServer server("IP:127.0.0.1", false, -60);
  Options options = over_tls(server);
  options.tls_ca_file = server.certificate_file();
  const Measurement m = measure(options);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("connect_other", 30)));
  EXPECT_THAT(m.first_error, HasSubstr("certificate not accepted: certificate has expired"));
}

TEST(Tls, AServerThatSpeaksNoTlsIsAnError) {
  const FakeServer server([](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  Options options;
  options.server = server.endpoint();
  options.tls = true;
  options.request_count = 3;
  EXPECT_THAT(measure(options).requests.errors, ElementsAre(Pair("connect_other", 3)));
}

TEST(Tls, AFileThatHoldsNoCertificatesIsRefused) {
  Options options;
  options.tls = true;
  options.tls_ca_file = "/dev/null";
  const auto m = run(options, {}, {});
  ASSERT_FALSE(m);
  EXPECT_EQ(m.error().code, base::ErrorCode::kBadInput);
  EXPECT_EQ(m.error().message, "no certificate in PEM form can be read");
  EXPECT_EQ(m.error().where, "/dev/null");
}

TEST(Tls, AFileOfCertificatesThatIsMissingIsNamed) {
  Options options;
  options.tls = true;
  options.tls_ca_file = "/nonexistent/ca.pem";
  const auto m = run(options, {}, {});
  ASSERT_FALSE(m);
  EXPECT_EQ(m.error().code, base::ErrorCode::kBadInput);
  EXPECT_EQ(m.error().message, "cannot read /nonexistent/ca.pem: No such file or directory");
}

TEST(UnixSocket, CarriesTheSameRequests) {
  const base::TemporaryFolder folder;
  const std::string path = folder / "socket";
  {
    const FakeServer server(
        [](Peer& peer) {
          while (peer.request()) peer.answer("hello");
        },
        path);
    Options options;
    options.unix_socket = path;
    options.connections = 2;
    options.request_count = 20;
    EXPECT_EQ(measure(options).requests.ok, 20U);
    EXPECT_EQ(server.requests(), 20);
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST(UnixSocket, ThatIsNotThereRefuses) {
  Options options;
  options.unix_socket = "/nonexistent/socket";
  options.request_count = 2;
  EXPECT_THAT(measure(options).requests.errors, ElementsAre(Pair("connect_refused", 2)));
  options.unix_socket = std::string(200, 'x');
  const auto m = run(options, {}, {});
  ASSERT_FALSE(m);
  EXPECT_THAT(m.error().message, HasSubstr("too long"));
}

}  // namespace
}  // namespace poolbench::generator
