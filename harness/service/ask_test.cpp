// What is said of a server that gives no answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "base/raii.h"
#include "base/temporary_folder_fixture.h"
#include "process/fixture.h"
#include "service/requests.h"

namespace poolbench::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Connections to it are made, but nobody takes them.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.get(), generic, size), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
    EXPECT_EQ(::getsockname(socket_.get(), generic, &size), 0);
    endpoint_.port = ntohs(address.sin_port);
  }
  [[nodiscard]] const base::Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] base::UniqueFd accept() const {
    return base::UniqueFd(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  }

 private:
  base::UniqueFd socket_;
  base::Endpoint endpoint_;
};

class AskTest : public process::ProcessTest {
 protected:
  std::string failure_at(const base::Endpoint& endpoint, base::Duration limit) {
    const auto answers = ask(*supervisor_, {{.endpoint = endpoint}, {HttpRequest{}}, limit});
    EXPECT_TRUE(answers.has_value());
    return answers ? answers->front().failure : std::string();
  }
};

TEST_F(AskTest, SaysThatNothingListens) {
  const base::Endpoint nobody{"127.0.0.1", base::free_port().value()};
  EXPECT_EQ(failure_at(nobody, 5s),
            "no answer: nothing accepts connections at " + base::to_text(nobody));
}

TEST_F(AskTest, SaysHowLongItWaited) {
  const Listener silent;
  EXPECT_EQ(failure_at(silent.endpoint(), 100ms),
            "no answer from " + base::to_text(silent.endpoint()) + " within 0.1 s");
}

TEST_F(AskTest, SaysThatTheServerClosed) {
  const Listener listener;
  const std::jthread closes([&] {
    const base::UniqueFd peer = listener.accept();
    char request[4096];
    EXPECT_GT(::recv(peer.get(), request, sizeof request, 0), 0);
  });
  EXPECT_THAT(failure_at(listener.endpoint(), 5s),
              HasSubstr("closed the connection before a whole HTTP answer had come"));
}

/// A server on a unix socket that tells how it was asked.
class UnixServer {
 public:
  explicit UnixServer(const std::string& path) {
    server_.Get("/", [](const httplib::Request& asked, httplib::Response& answer) {
      answer.set_content(asked.get_header_value("Host"), "text/plain");
    });
    server_.set_address_family(AF_UNIX);
    EXPECT_TRUE(server_.bind_to_port(path.c_str(), 80));
    serving_ = std::jthread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~UnixServer() { server_.stop(); }

 private:
  httplib::Server server_;
  std::jthread serving_;
};

TEST_F(AskTest, AsksOverAUnixSocketForLocalhost) {
  const base::TemporaryFolder folder;
  const std::string path = folder / "socket";
  {
    const UnixServer server(path);
    const auto answers =
        ask(*supervisor_, {base::over_unix_socket(path), {HttpRequest{}, HttpRequest{}}, 5s});
    ASSERT_TRUE(answers);
    EXPECT_EQ(answers->back().failure, "");
    EXPECT_EQ(answers->back().body, "localhost");
  }
  std::filesystem::remove(path);
  const auto gone = ask(*supervisor_, {base::over_unix_socket(path), {HttpRequest{}}, 5s});
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->front().failure, "no answer: nothing accepts connections at " + path);
}

TEST_F(AskTest, SaysThatAServerSpeaksNoTls) {
  const Listener listener;
  const std::jthread answers([&] {
    const base::UniqueFd peer = listener.accept();
    constexpr std::string_view kPlain = "HTTP/1.1 400 Bad Request\r\n\r\n";
    EXPECT_GT(::send(peer.get(), kPlain.data(), kPlain.size(), MSG_NOSIGNAL), 0);
  });
  const base::HttpServer server{.endpoint = listener.endpoint(), .tls = true};
  const auto asked = ask(*supervisor_, {server, {HttpRequest{}}, 5s});
  ASSERT_TRUE(asked);
  EXPECT_THAT(asked->front().failure, HasSubstr("speaks no TLS"));
}

}  // namespace
}  // namespace poolbench::service
