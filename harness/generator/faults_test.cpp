// Each fault of a server in its own class, and no wrong answer counted good.
#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <fstream>
#include <thread>

#include "base/temporary_folder_fixture.h"
#include "generator/measuring_fixture.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using report::Measurement;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

TEST(Faults, AServerThatNeverAnswersIsATimeOut) {
  const Measurement m = measure_with([](Peer& peer) { peer.await_close(); },
                                     [](Options& options) {
                                       options.timeout = 20ms;
                                       options.request_count = 2;
                                     });
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("timeout", 2)));
  EXPECT_GE(m.measured_seconds, 0.04);
}

TEST(Faults, AnAnswerThatNeverEndsIsATimeOut) {
  const Measurement m = measure_with(
      [](Peer& peer) {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        peer.await_close();
      },
      [](Options& options) {
        options.timeout = 20ms;
        options.request_count = 1;
      });
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("timeout", 1)));
}

TEST(Faults, AnAnswerAByteAtATimeIsGood) {
  const Measurement m = measure_with([](Peer& peer) {
    while (peer.request()) {
      for (const char c : std::string_view("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")) {
        if (!peer.send({&c, 1})) return;
        std::this_thread::yield();
      }
    }
  });
  EXPECT_EQ(m.requests.ok, 10U) << m.first_error;
}

TEST(Faults, ATruncatedAnswerIsTruncated) {
  for (const std::string bytes :
       {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n"}) {
    const Measurement m = measure_with(sends(bytes, true));
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair("truncated", 10))) << bytes;
  }
}

TEST(Faults, ACloseWithoutAnAnswerIsItsOwnClass) {
  const Measurement m = measure_with([](Peer& peer) { peer.request(); });
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("eof_before_response", 10)));
}

TEST(Faults, AResetIsAReset) {
  const Measurement m = measure_with([](Peer& peer) {
    peer.request();
    peer.reset();
  });
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("reset", 10)));
}

TEST(Faults, AServerThatNeverAcceptsIsAConnectTimeOut) {
  const base::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = bind_to_loopback(listener.get());
  constexpr int kRoomForOne = 0;
  ASSERT_EQ(::listen(listener.get(), kRoomForOne), 0);
  const base::UniqueFd waiting(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_EQ(::connect(waiting.get(), generic, sizeof address), 0);

  Options options;
  options.server = {"127.0.0.1", ntohs(address.sin_port)};
  options.request_count = 2;
  options.timeout = 50ms;
  EXPECT_THAT(measure(options).requests.errors, ElementsAre(Pair("connect_timeout", 2)));
}

TEST(Faults, AConnectionThatBreaksUnderTheRequestIsAWriteError) {
  const base::TemporaryFolder folder;
  const std::string path = folder / "socket";
  const FakeServer server(
      [](Peer& peer) {
        char first = 0;
        ::recv(peer.fd(), &first, 1, 0);
        ::shutdown(peer.fd(), SHUT_RD);
        peer.await_close();  // reads what was sent by then: what is left unread would be a reset
      },
      path);
  Options options = counted(server, 3);
  options.unix_socket = path;
  options.requests.front().method = "POST";
  options.requests.front().body = std::string(std::size_t{16} << 20U, 'x');
  EXPECT_THAT(measure(options).requests.errors, ElementsAre(Pair("write", 3)));
}

TEST(Faults, ConnectionsWithoutAFreePortAreTheClientsOwnFault) {
  // In a network of its own, which only the threads below have, one local port is all there is.
  std::jthread([] {
    if (::unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root, to make a network namespace";
    const base::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq loopback{.ifr_ifrn = {"lo"}, .ifr_ifru = {}};
    loopback.ifr_flags = IFF_UP;
    ASSERT_EQ(::ioctl(socket.get(), SIOCSIFFLAGS, &loopback), 0);
    const FakeServer server(answer_all);
    std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "61001 61001" << std::flush;
    const Measurement m = measure(counted(server, 10, 2));
    EXPECT_GE(m.requests.ok, 1U);
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair("address_unavailable", testing::Ge(1U))));
  }).join();
}

TEST(Faults, WhatIsNotHttpIsAParseError) {
  for (const std::string bytes : {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                                  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more"}) {
    const Measurement m = measure_with(sends(bytes, false));
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair("parse", 10))) << bytes;
  }
}

TEST(Faults, StatusesHaveTheirClasses) {
  for (const auto& [status, name] : {std::pair{"404 Not Found", "status_4xx"},
                                     {"500 Internal Server Error", "status_5xx"},
                                     {"302 Found", "status_other"}}) {
    const std::string head = "HTTP/1.1 " + std::string(status);
    const Measurement m = measure_with(sends(head + "\r\nContent-Length: 0\r\n\r\n", false));
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair(name, 10)));
    EXPECT_EQ(m.latency_us.count, 0U) << "a wrong answer has no place among the latencies";
    EXPECT_EQ(m.statuses.begin()->second, 10U);
  }
}

TEST(Faults, InterimAnswersAreSkippedAndBodilessOnesNeedNoLength) {
  for (const std::string bytes :
       {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n"}) {
    const Measurement m = measure_with(sends(bytes, false));
    EXPECT_EQ(m.requests.ok, 10U) << bytes << m.first_error;
  }
}

TEST(Faults, NotModifiedHasNoBodyWhateverItsLengthSays) {
  const Measurement m =
      measure_with(sends("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false),
                   [](Options& options) { options.requests[0].expect.statuses = {304}; });
  EXPECT_EQ(m.requests.ok, 10U) << m.first_error;
}

TEST(Faults, AnAnswerToHeadHasNoBodyWhateverItsLengthSays) {
  const Measurement m = measure_with(sends("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false),
                                     [](Options& options) { options.requests[0].method = "HEAD"; });
  EXPECT_EQ(m.requests.ok, 10U) << m.first_error;
}

TEST(Expectations, AWrongBodyIsAWrongAnswer) {
  const auto errors_with = [](const std::function<void(Expectation&)>& change) {
    const Measurement m =
        measure_with(answer_all, [&](Options& options) { change(options.requests[0].expect); });
    return m.requests.errors;
  };
  const auto all_wrong = ElementsAre(Pair("wrong_answer", 10));
  EXPECT_THAT(errors_with([](Expectation& e) { e.body = "hello"; }), IsEmpty());
  EXPECT_THAT(errors_with([](Expectation& e) { e.body = "hellO"; }), all_wrong);
  EXPECT_THAT(errors_with([](Expectation& e) { e.length = 5; }), IsEmpty());
  EXPECT_THAT(errors_with([](Expectation& e) { e.length = 6; }), all_wrong);
  EXPECT_THAT(errors_with([](Expectation& e) { e.contains = "ell"; }), IsEmpty());
  EXPECT_THAT(errors_with([](Expectation& e) { e.contains = "elk"; }), all_wrong);
  EXPECT_THAT(errors_with([](Expectation& e) { e.statuses = {201}; }),
              ElementsAre(Pair("status_other", 10)));
}

TEST(Expectations, TheAnswerMustHoldTheNonceOfItsOwnRequest) {
  std::atomic<bool> mixes_up = false;
  const auto echo = [&](Peer& peer) {
    std::string last = "GET /none HTTP/1.1";
    while (const auto request = peer.request()) {
      peer.answer((mixes_up ? last : *request).substr(0, 40));
      last = *request;
    }
  };
  const FakeServer server(echo);
  Options options = counted(server, 10);
  options.requests[0].target = "/echo/{nonce}";
  options.requests[0].expect.contains = "{nonce}";
  EXPECT_EQ(measure(options).requests.ok, 10U);
  mixes_up = true;
  EXPECT_THAT(measure(options).requests.errors, ElementsAre(Pair("wrong_answer", 10)));
}

}  // namespace
}  // namespace poolbench::generator
