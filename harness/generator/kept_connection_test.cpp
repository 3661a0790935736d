// What becomes of requests on connections that the server keeps, closes or breaks off.
#include <gmock/gmock.h>
#include <net/if.h>
#include <sched.h>
#include <sys/mount.h>

#include <fstream>
#include <thread>

#include "base/temporary_folder_fixture.h"
#include "generator/measuring_fixture.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using report::Measurement;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

/// Answers the first request of each connection, and closes when it has read the second.
void answer_one(Peer& peer) {
  if (peer.request()) peer.answer("");
  peer.request();
}

Measurement measure_method(const char* method, std::function<void(Peer&)> script) {
  return measure_with(std::move(script),
                      [&](Options& options) { options.requests[0].method = method; });
}

TEST(KeptConnection, ThatTheServerClosesIsNoErrorOfARequestThatMayBeSentTwice) {
  for (const char* method : {"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}) {
    const Measurement m = measure_method(method, answer_one);
    EXPECT_EQ(m.requests.ok, 10U) << method << m.first_error;
    EXPECT_EQ(m.requests.retried_on_fresh_connection, 9U) << method;
    EXPECT_EQ(m.connect_us.count, 10U);
  }
}

TEST(KeptConnection, ThatTheServerResetsIsTheSame) {
  const Measurement m = measure_with([](Peer& peer) {
    if (peer.request()) peer.answer("");
    peer.request();
    peer.reset();
  });
  EXPECT_EQ(m.requests.ok, 10U) << m.first_error;
  EXPECT_EQ(m.requests.retried_on_fresh_connection, 9U);
}

TEST(KeptConnection, ThatTheServerClosesWithoutSayingSoLosesNothing) {
  const Measurement m = measure_with(sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", true),
                                     [](Options& options) { options.request_count = 40; });
  EXPECT_EQ(m.requests.ok, 40U) << m.first_error;
}

TEST(KeptConnection, OfAnOtherMethodIsAnErrorThatSaysWhatToSet) {
  for (const char* method : {"POST", "PATCH"}) {
    const Measurement m = measure_method(method, answer_one);
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair("eof_before_response", 5)));
    EXPECT_EQ(m.requests.retried_on_fresh_connection, 0U);
    EXPECT_THAT(m.first_error, AllOf(HasSubstr("on its 2nd request of a kept connection"),
                                     HasSubstr(std::string("a ") + method + " is not sent again"),
                                     HasSubstr("--requests-per-connection 1 or --close"),
                                     HasSubstr("load.keep_alive = false")));
  }
  const Measurement m = measure_with(
      [](Peer& peer) {
        for (int i = 0; i < 50 && peer.request(); ++i) peer.answer("");
        peer.request();
      },
      [](Options& options) {
        options.request_count = 60;
        options.requests[0].method = "POST";
      });
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("eof_before_response", 1)));
  EXPECT_THAT(m.first_error, HasSubstr("on its 51st request of a kept connection"));
}

TEST(KeptConnection, IsForgivenOnce) {
  std::atomic<bool> answered = false;
  const FakeServer server([&](Peer& peer) {
    peer.request();
    if (answered.exchange(true)) return;
    peer.answer("");
    peer.request();
  });
  const Measurement m = measure(counted(server, 3));
  EXPECT_EQ(m.requests.ok, 1U);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("eof_before_response", 2)));
  EXPECT_EQ(m.requests.retried_on_fresh_connection, 1U);
  EXPECT_THAT(m.first_error, testing::Not(HasSubstr("kept connection")));
}

TEST(KeptConnection, ThatBreaksWithinAnAnswerIsStillAnError) {
  const Measurement m = measure_with([](Peer& peer) {
    if (peer.request()) peer.answer("");
    if (peer.request()) peer.send("HTTP/1.1 200 OK\r\n");
  });
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("truncated", 5)));
  EXPECT_EQ(m.requests.retried_on_fresh_connection, 0U);
}

TEST(KeptConnection, LostTimeIsPartOfTheLatency) {
  const Measurement m = measure_with(
      [](Peer& peer) {
        if (peer.request()) peer.answer("");
        if (peer.request()) std::this_thread::sleep_for(20ms);
      },
      [](Options& options) { options.request_count = 2; });
  EXPECT_EQ(m.requests.retried_on_fresh_connection, 1U);
  EXPECT_GE(m.latency_us.max.value_or(0), 20'000);
  EXPECT_LT(m.details["service_us"]["max"].get<double>(), 20'000) << "of the one that was answered";
}

TEST(KeptConnection, ThatIsOftenClosedIsWorthAWarning) {
  EXPECT_THAT(measure_with(answer_one).warnings,
              Contains(HasSubstr("more than 1 % of the requests were sent again")));
  EXPECT_THAT(measure_with(answer_all).warnings, Not(Contains(HasSubstr("sent again"))));
}

TEST(KeptConnection, EndsAfterTheAnswerIfTheRequestSaysSo) {
  for (const auto& [value, connections] :
       {std::pair{"close", 10}, {"TE , Close", 10}, {"keep-alive", 1}, {"closed", 1}}) {
    const FakeServer server(answer_all);
    Options options = counted(server, 10);
    options.requests[0].headers = {{"connection", value}};
    const Measurement m = measure(options);
    EXPECT_EQ(m.requests.ok, 10U);
    EXPECT_EQ(server.connections(), connections) << value;
    EXPECT_EQ(m.requests.retried_on_fresh_connection, 0U);
  }
}

/// Says that the body is too long before it has read it.
void refuse_early(Peer& peer) {
  peer.request();
  peer.send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
}

TEST(EarlyAnswer, IsReadAlthoughTheRestOfTheRequestCannotBeWritten) {
  const auto lingering = [](Peer& peer) {
    refuse_early(peer);
    ::shutdown(peer.fd(), SHUT_WR);
    peer.await_close();
  };
  for (const std::function<void(Peer&)>& script : {std::function(refuse_early), {lingering}}) {
    const Measurement m = measure_with(script, [](Options& options) {
      options.requests[0].method = "POST";
      options.requests[0].body = std::string(std::size_t{16} << 20U, 'x');
    });
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair("status_4xx", 10))) << m.first_error;
    EXPECT_THAT(m.statuses, ElementsAre(Pair("413", 10)));
  }
}

TEST(Addresses, OfANameAreAllTried) {
  // In a file system of its own, which only the threads below have, a name has both addresses.
  std::jthread([] {
    const base::TemporaryFolder folder;
    const std::string hosts = folder / "hosts";
    std::ofstream(hosts) << "127.0.0.1 both.test\n::1 both.test\n" << std::flush;
    const bool has_name = ::unshare(CLONE_NEWNS) == 0 &&
                          ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                          ::mount(hosts.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) == 0;
    if (!has_name) GTEST_SKIP() << "needs root, to give a name two addresses";
    Options options;
    {
      const FakeServer server(answer_all, FakeServer::OnIpv6{});
      options = counted(server, 20, 4);
      options.server.host = "both.test";
      EXPECT_EQ(measure(options).requests.ok, 20U);
      EXPECT_EQ(server.connections(), 4) << "once it is known where the server is";
    }
    const Measurement m = measure(options);
    EXPECT_THAT(m.requests.errors, ElementsAre(Pair("connect_refused", 20)));
    EXPECT_THAT(m.first_error, HasSubstr("cannot connect to any of the 2 addresses of both.test"));
  }).join();
}

}  // namespace
}  // namespace poolbench::generator
