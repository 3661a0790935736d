// What is said of a server that gives no answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "base/raii.h"
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

}  // namespace
}  // namespace poolbench::service
