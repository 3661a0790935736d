#include "load/run.h"

#include <gmock/gmock.h>

#include <numeric>

#include "load/fake_server.h"

namespace poolbench::load {
namespace {

using namespace std::chrono_literals;
using report::Measurement;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

void answer_all(Peer& peer) {
  while (peer.request()) peer.answer("hello");
}

// Exactly n requests to the server.
Options counted(const FakeServer& server, std::uint64_t n, int connections = 1) {
  Options options;
  options.server = server.endpoint();
  options.connections = connections;
  options.request_count = n;
  options.timeout = 5s;
  return options;
}

Measurement measure(const Options& options) {
  const auto measurement = run(options, {}, {});
  EXPECT_TRUE(measurement) << measurement.error().message;
  const Measurement m = measurement.value_or(Measurement{});
  EXPECT_EQ(m.requests.sent, m.requests.ok + m.requests.failed());
  return m;
}

// Ten requests to a server with this script.
Measurement measure_with(std::function<void(Peer&)> script,
                         const std::function<void(Options&)>& change = {}) {
  const FakeServer server(std::move(script));
  Options options = counted(server, 10);
  if (change) change(options);
  return measure(options);
}

// A script that answers every request with these bytes, and then closes or not.
std::function<void(Peer&)> sends(std::string bytes, bool closes) {
  return [=](Peer& peer) {
    while (peer.request() && peer.send(bytes) && !closes) {
    }
  };
}

TEST(ClosedLoop, SendsExactlyTheRequestsItWasAskedFor) {
  for (const int connections : {1, 3, 8}) {
    const FakeServer server(answer_all);
    const Measurement m = measure(counted(server, 200, connections));
    EXPECT_EQ(m.requests.sent, 200U);
    EXPECT_EQ(m.requests.ok, 200U);
    EXPECT_EQ(server.requests(), 200);
    EXPECT_EQ(server.connections(), connections);
    EXPECT_EQ(m.latency_us.count, 200U);
    EXPECT_EQ(m.connect_us.count, static_cast<std::uint64_t>(connections));
    EXPECT_EQ(std::accumulate(m.series_requests.begin(), m.series_requests.end(), 0U), 200U);
    EXPECT_THAT(m.statuses, ElementsAre(Pair("200", 200)));
  }
}

TEST(ClosedLoop, SharesConnectionsAmongThreads) {
  const FakeServer server(answer_all);
  Options options = counted(server, 300, 6);
  options.threads = 3;
  const Measurement m = measure(options);
  EXPECT_EQ(m.requests.ok, 300U);
  EXPECT_EQ(server.requests(), 300);
  EXPECT_EQ(server.connections(), 6);
}

TEST(ClosedLoop, LeavesTheWarmUpOutOfTheCount) {
  const FakeServer server(answer_all);
  Options options = counted(server, 50, 2);
  options.warmup = 50ms;
  const Measurement m = measure(options);
  EXPECT_EQ(m.requests.sent, 50U);
  const auto warmup = m.details["warmup_requests"].get<int>();
  EXPECT_GT(warmup, 0);
  EXPECT_EQ(server.requests(), 50 + warmup);
  EXPECT_EQ(m.connect_us.count, 0U) << "the connections of the warm-up are kept";
}

TEST(ClosedLoop, CountsByDurationWhatTheServerCounts) {
  const FakeServer server(answer_all);
  Options options = counted(server, 0, 3);
  options.warmup = 30ms;
  options.measure = 120ms;
  const Measurement m = measure(options);
  EXPECT_GT(m.requests.ok, 0U);
  EXPECT_EQ(m.requests.failed(), 0U);
  EXPECT_DOUBLE_EQ(m.measured_seconds, 0.12);
  EXPECT_EQ(m.series_requests.size(), 2U);
  EXPECT_EQ(m.details["at_the_end"], "drained");
  EXPECT_EQ(static_cast<std::uint64_t>(server.requests()),
            m.requests.sent + m.details["warmup_requests"].get<std::uint64_t>());
}

TEST(ClosedLoop, AbortsAtTheDeadlineWhenAskedTo) {
  const FakeServer server([](Peer& peer) { peer.await_close(); });
  Options options = counted(server, 0, 4);
  options.measure = 50ms;
  options.drain = false;
  const Measurement m = measure(options);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("aborted_at_deadline", 4)));
  EXPECT_EQ(m.details["at_the_end"], "aborted");
}

TEST(ClosedLoop, OpensAFreshConnectionForEachRequest) {
  const FakeServer server([](Peer& peer) {
    while (const auto request = peer.request()) {
      EXPECT_THAT(*request, HasSubstr("Connection: close\r\n"));
      if (!peer.answer("hello")) return;
    }
  });
  Options options = counted(server, 20, 2);
  options.requests_per_connection = 1;
  const Measurement m = measure(options);
  EXPECT_EQ(m.requests.ok, 20U);
  EXPECT_EQ(server.connections(), 20);
  EXPECT_EQ(m.connect_us.count, 20U);
}

TEST(ClosedLoop, ClosesAConnectionAfterItsShareOfRequests) {
  const FakeServer server(answer_all);
  Options options = counted(server, 20);
  options.requests_per_connection = 5;
  EXPECT_EQ(measure(options).requests.ok, 20U);
  EXPECT_EQ(server.connections(), 4);
}

TEST(ClosedLoop, ConnectsAgainWithoutAnErrorWhenTheServerSaysThatItCloses) {
  for (const std::string bytes :
       {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 200 OK\r\n\r\nhi"}) {
    const FakeServer server(sends(bytes, true));
    const Measurement m = measure(counted(server, 10, 2));
    EXPECT_EQ(m.requests.ok, 10U) << bytes << m.first_error;
    EXPECT_EQ(server.connections(), 10);
  }
}

TEST(ClosedLoop, BacksOffWhenNothingCanConnect) {
  Options options;
  {
    const FakeServer gone(answer_all);
    options.server = gone.endpoint();
  }
  options.connections = 2;
  options.measure = 60ms;
  const Measurement m = measure(options);
  EXPECT_GT(m.requests.sent, 2U);
  EXPECT_LE(m.requests.sent, 14U) << "2 connections, a pause of 10 ms";
  EXPECT_EQ(m.requests.errors.at("connect_refused"), m.requests.sent);
  EXPECT_THAT(m.first_error, HasSubstr("connect_refused: cannot connect: Connection refused"));
}

TEST(ClosedLoop, StopsEarlyWhenAskedToAndSaysSo) {
  const FakeServer server(answer_all);
  Options options = counted(server, 0);
  options.measure = 10s;
  std::stop_source stop;
  Watcher watcher;
  watcher.on_progress = [&](const Progress& progress) {
    if (progress.ended > 0) stop.request_stop();
  };
  const auto m = run(options, watcher, stop.get_token());
  ASSERT_TRUE(m);
  EXPECT_LT(m->measured_seconds, 5);
  EXPECT_GT(m->requests.ok, 0U);
  EXPECT_EQ(m->details["interrupted"], true);
  EXPECT_EQ(m->requests.sent, m->requests.ok + m->requests.failed());
}

TEST(ClosedLoop, TellsThePhasesInOrder) {
  const FakeServer server(answer_all);
  Options options = counted(server, 5);
  options.warmup = 10ms;
  std::vector<std::string_view> phases;
  Watcher watcher;
  watcher.on_phase = [&](Phase phase) { phases.push_back(name_of(phase)); };
  ASSERT_TRUE(run(options, watcher, {}));
  EXPECT_THAT(phases, ElementsAre("warm-up", "measure", "done"));
}

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

TEST(Faults, AServerThatClosesWithoutSayingSoLosesOnlyRequestsItNeverAnswered) {
  const Measurement m = measure_with(sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", true),
                                     [](Options& options) { options.request_count = 40; });
  EXPECT_GE(m.requests.ok, 20U);
  for (const auto& [name, count] : m.requests.errors) {
    EXPECT_THAT(name, testing::AnyOf("eof_before_response", "reset", "write")) << count;
  }
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
                   [](Options& options) { options.requests[0].expect.status = 304; });
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
  EXPECT_THAT(errors_with([](Expectation& e) { e.status = 201; }),
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

TEST(Run, RefusesImpossibleOptions) {
  const auto message_with = [](const std::function<void(Options&)>& change) {
    Options options;
    change(options);
    const auto result = run(options, {}, {});
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_THAT(message_with([](Options& o) { o.connections = 0; }), HasSubstr("0 connections"));
  EXPECT_THAT(message_with([](Options& o) { o.threads = 2; }), HasSubstr("2 threads"));
  EXPECT_THAT(message_with([](Options& o) { o.timeout = 0s; }), HasSubstr("time-out"));
  EXPECT_THAT(message_with([](Options& o) { o.measure = 0s; }), HasSubstr("measured time"));
  EXPECT_THAT(message_with([](Options& o) { o.requests[0].method = "G ET"; }), HasSubstr("G ET"));
  EXPECT_THAT(message_with([](Options& o) { o.requests[0].headers = {{"A", "b\r\nC: d"}}; }),
              HasSubstr("not a header"));
  EXPECT_THAT(message_with([](Options& o) { o.requests.clear(); }), HasSubstr("no request"));
  EXPECT_THAT(message_with([](Options& o) { o.server.host = "no.such.host.invalid"; }),
              HasSubstr("cannot find the host"));
}

}  // namespace
}  // namespace poolbench::load
