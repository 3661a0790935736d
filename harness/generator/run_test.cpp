#include "generator/run.h"

#include <gmock/gmock.h>

#include <cmath>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "generator/measuring_fixture.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using report::Measurement;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

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

TEST(ClosedLoop, ACountEndsAtItsTimeAndSaysSo) {
  const FakeServer server(answer_all);
  Options options = counted(server, 1'000'000'000, 2);
  options.measure = 100ms;
  const Measurement m = measure(options);
  EXPECT_GT(m.requests.ok, 0U);
  EXPECT_DOUBLE_EQ(m.measured_seconds, 0.1);
  EXPECT_THAT(m.warnings, Contains("not all of the 1000000000 requests were sent: 100ms were up"));
  options.request_count = 10;
  options.measure = 20s;
  const Measurement whole = measure(options);
  EXPECT_EQ(whole.requests.sent, 10U);
  EXPECT_LT(whole.measured_seconds, 10);
  EXPECT_THAT(whole.warnings, Not(Contains(HasSubstr("were sent"))));
}

TEST(ClosedLoop, AnEndlessAnswerKeepsItNeitherFromItsEndNorFromASignal) {
  const FakeServer server([](Peer& peer) {
    peer.request();
    const std::string much(std::size_t{1} << 20U, 'x');
    for (bool open = peer.send("HTTP/1.1 200 OK\r\n\r\n"); open;) open = peer.send(much);
  });
  Options options = counted(server, 0, 2);
  options.measure = 100ms;
  options.timeout = 60s;
  options.drain = false;
  EXPECT_THAT(measure(options).requests.errors, ElementsAre(Pair("aborted_at_deadline", 2)));
  options.measure = 60s;
  std::stop_source stop;
  Watcher watcher;
  watcher.on_progress = [&](const Progress&) { stop.request_stop(); };
  const auto m = run(options, watcher, stop.get_token());
  ASSERT_TRUE(m);
  EXPECT_THAT(m->requests.errors, ElementsAre(Pair("aborted_at_deadline", 2)));
}

TEST(OpenLoop, OfARateBeyondAllMeansEveryRequestIsAccountedFor) {
  const FakeServer server(answer_all);
  Options options = counted(server, 0, 2);
  options.rate_hz = 1e7;
  options.queue_limit = 100;
  options.measure = 20ms;
  options.timeout = 20s;
  const Measurement m = measure(options);
  EXPECT_EQ(m.requests.sent + m.details["dropped"].get<std::uint64_t>(), 200'000U);
  EXPECT_GT(m.requests.sent, 0U);
}

TEST(OpenLoop, ARateBeyondAllMeansStopsWhenAskedTo) {
  const FakeServer server(answer_all);
  Options options = counted(server, 0, 2);
  options.rate_hz = 1e7;
  options.measure = 60s;
  std::stop_source stop;
  Watcher watcher;
  watcher.on_progress = [&](const Progress&) { stop.request_stop(); };
  const auto m = run(options, watcher, stop.get_token());
  ASSERT_TRUE(m);
  EXPECT_EQ(m->details["interrupted"], true);
  EXPECT_LT(m->measured_seconds, 30);
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

TEST(ClosedLoop, MeasuresOnceHoweverLongTheLastAnswersTake) {
  const FakeServer server([](Peer& peer) {
    while (peer.request()) {
      std::this_thread::sleep_for(700ms);
      peer.answer("hello");
    }
  });
  Options options = counted(server, 0);
  options.measure = 100ms;
  std::vector<std::string_view> phases;
  Watcher watcher;
  watcher.on_phase = [&](Phase phase) { phases.push_back(name_of(phase)); };
  const auto m = run(options, watcher, {});
  ASSERT_TRUE(m);
  EXPECT_THAT(phases, ElementsAre("measure", "drain", "done"));
}

TEST(Run, RefusesImpossibleOptions) {
  const auto message_with = [](const std::function<void(Options&)>& change) {
    Options options;
    change(options);
    const auto result = run(options, {}, {});
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_EQ(message_with([](Options& o) { o.connections = 0; }),
            "the number of connections must be from 1 to 10000, found 0");
  for (const double rate : {1e9, 1e300, 1e-9, -1.0, std::nan("")}) {
    EXPECT_THAT(message_with([&](Options& o) { o.rate_hz = rate; }),
                HasSubstr("the rate in requests a second must be from 0.001 to 10000000, found"))
        << rate;
  }
  EXPECT_THAT(message_with([](Options& o) { o.request_count = ~std::uint64_t{0}; }),
              HasSubstr("the number of requests must be from 1 to 1000000000"));
  EXPECT_THAT(message_with([](Options& o) { o.measure = std::chrono::hours(25); }),
              HasSubstr("the measured time must be from 1ms to 86400s, found 90000s"));
  EXPECT_THAT(message_with([](Options& o) { o.queue_limit = ~std::size_t{0}; }),
              HasSubstr("the queue must be from 0 to 10000000"));
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

TEST(Run, AMixHasFiguresForEachEndpoint) {
  const FakeServer server([](Peer& peer) {
    while (const auto asked = peer.request()) {
      const bool is_order = asked->starts_with("POST");
      if (!peer.send(is_order ? "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
                              : "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")) {
        return;
      }
    }
  });
  Options options = counted(server, 1000, 4);
  options.seed = 1;
  RequestSpec order;
  order.name = "order";
  order.method = "POST";
  order.target = "/orders/{random:1..9}";
  order.expect.statuses = {201};
  options.requests.front().name = "city";
  options.requests.front().weight = 3;
  options.requests.push_back(order);
  const report::Measurement m = measure(options);
  ASSERT_EQ(m.endpoints.size(), 2U);
  const report::EndpointFigures& orders = m.endpoints.at("order");
  const report::EndpointFigures& cities = m.endpoints.at("city");
  EXPECT_EQ(orders.sent + cities.sent, 1000U);
  EXPECT_NEAR(static_cast<double>(orders.sent), 250, 60);
  EXPECT_EQ(orders.ok, orders.sent);
  EXPECT_EQ(orders.latency_us.count, orders.sent);
  EXPECT_EQ(cities.ok, 0U);
  EXPECT_EQ(cities.errors.at("status_4xx"), cities.sent);
  EXPECT_NEAR(orders.throughput_requests_per_second, m.throughput_requests_per_second, 0.01);
}

TEST(Run, OneEndpointHasNoFiguresOfItsOwn) {
  const FakeServer server(answer_all);
  EXPECT_TRUE(measure(counted(server, 10)).endpoints.empty());
}

TEST(Run, EachConnectionSpeaksForItsClient) {
  std::mutex mutex;
  std::set<std::string> seen;
  const FakeServer server([&](Peer& peer) {
    while (const auto asked = peer.request()) {
      const std::lock_guard lock(mutex);
      seen.insert(asked->substr(0, asked->find(" HTTP")));
      if (!peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")) return;
    }
  });
  Options options = counted(server, 100, 3);
  options.client_values = {{"token", {"a", "b", "c"}}};
  options.requests.front().target = "/{token}";
  EXPECT_EQ(measure(options).requests.ok, 100U);
  EXPECT_EQ(seen, (std::set<std::string>{"GET /a", "GET /b", "GET /c"}));
}

}  // namespace
}  // namespace poolbench::generator
