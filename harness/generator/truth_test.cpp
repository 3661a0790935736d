// Measurements whose right answer is known from how the server behaves. A busy machine only ever
// adds time, to the server as to us: bounds from below always hold, and those from above must hold
// in one of a few attempts.
#include <gmock/gmock.h>

#include <cmath>

#include "generator/measuring_fixture.h"
#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using report::Measurement;

void sleep_until(base::SteadyTime time) { std::this_thread::sleep_until(time); }

stats::Histogram latencies(const Measurement& m) {
  return stats::Histogram::decode(m.latency_hdr_v2_base64).value_or(stats::Histogram{});
}

// A server that answers each request after this delay.
std::function<void(Peer&)> delays(base::Duration delay) {
  return [=](Peer& peer) {
    while (peer.request()) {
      if (delay > 0ns) sleep_until(std::chrono::steady_clock::now() + delay);
      peer.answer("hello");
    }
  };
}

// Whether the check succeeds once.
bool holds_once(const std::function<bool()>& check) {
  constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (check()) return true;
  }
  return false;
}

// The client's latencies against the time that the server itself says each request took.
bool matches_the_server(base::Duration delay, std::uint64_t requests) {
  stats::Histogram served_us;
  Measurement m;
  {
    const FakeServer server([&](Peer& peer) {
      while (peer.request()) {
        const auto begin = std::chrono::steady_clock::now();
        if (delay > 0ns) sleep_until(begin + delay);
        const auto took = std::chrono::steady_clock::now() - begin;
        served_us.record(static_cast<std::uint64_t>(took / 1us));
        peer.answer("hello");
      }
    });
    Options options;
    options.server = server.endpoint();
    options.request_count = requests;
    m = measure(options);
  }
  EXPECT_GE(latencies(m).min(), served_us.min());
  EXPECT_GE(latencies(m).min() * 1000 + 500, static_cast<std::uint64_t>(delay.count()));
  const std::uint64_t p50 = latencies(m).value_at_quantile(0.5);
  EXPECT_GE(p50, served_us.value_at_quantile(0.5));
  return p50 <= served_us.value_at_quantile(0.5) + 200;
}

TEST(Truth, LatencyIsTheServersDelay) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own time is more than the 0.2 ms that are allowed";
#endif
  for (const auto delay : {0ms, 1ms, 5ms, 50ms}) {
    const std::uint64_t requests = delay < 50ms ? 100 : 12;
    EXPECT_TRUE(holds_once([&] { return matches_the_server(delay, requests); })) << delay.count();
  }
}

// A server that answers nothing for this long once it was told to.
class StallingServer {
 public:
  explicit StallingServer(base::Duration stall)
      : server_([this, stall](Peer& peer) {
          while (peer.request()) {
            const base::SteadyTime begin = begins_;
            const auto now = std::chrono::steady_clock::now();
            if (now >= begin && now < begin + stall) sleep_until(begin + stall);
            peer.answer("hello");
          }
        }) {}
  void stall_at(base::SteadyTime time) { begins_ = time; }
  [[nodiscard]] base::Endpoint endpoint() const { return server_.endpoint(); }

 private:
  std::atomic<base::SteadyTime> begins_{base::SteadyTime::max()};
  FakeServer server_;
};

// 500 requests a second for two seconds, the middle one of which is a stall.
Measurement measure_a_stall() {
  StallingServer server(1s);
  Options options;
  options.server = server.endpoint();
  options.connections = 2;
  options.rate_hz = 500;
  options.warmup = 100ms;
  options.measure = 2s;
  Watcher watcher;
  watcher.on_phase = [&](Phase phase) {
    if (phase == Phase::kMeasure) server.stall_at(std::chrono::steady_clock::now() + 500ms);
  };
  const auto m = run(options, watcher, {});
  EXPECT_TRUE(m);
  return m.value_or(Measurement{});
}

TEST(Truth, AnOpenLoopSeesAStallAsItsUsersWould) {
  constexpr double kStallUs = 1e6;
  EXPECT_TRUE(holds_once([&] {
    const Measurement m = measure_a_stall();
    EXPECT_EQ(m.requests.ok, 1000U);
    const stats::Histogram histogram = latencies(m);
    bool close = true;
    for (const auto& [q, part] : {std::pair{0.75, 0.50}, {0.90, 0.80}, {0.99, 0.98}}) {
      const auto value = static_cast<double>(histogram.value_at_quantile(q));
      close = close && std::abs(value - part * kStallUs) <= 0.05 * part * kStallUs;
    }
    // Only the two requests that were on their way saw the stall in their service time.
    const base::Json& service = m.details["service_us"];
    EXPECT_GT(service["max"].get<double>(), 0.9 * kStallUs);
    return close && service["p90"].get<double>() < 5000;
  }));
}

TEST(Truth, ConnectionsTimesTimeIsRequestsTimesLatency) {
  const FakeServer server(delays(2ms));
  Options options;
  options.server = server.endpoint();
  options.connections = 4;
  options.warmup = 20ms;
  options.measure = 400ms;
  EXPECT_TRUE(holds_once([&] {
    const Measurement m = measure(options);
    const double little = m.throughput_requests_per_second * m.latency_us.mean.value_or(0) / 1e6 /
                          options.connections;
    return little >= 0.97 && little <= 1.005;
  }));
}

TEST(Truth, AnOpenLoopKeepsItsRate) {
  const FakeServer server(delays(0ms));
  for (const int threads : {1, 3}) {
    Options options;
    options.server = server.endpoint();
    options.connections = 6;
    options.threads = threads;
    options.rate_hz = 2000;
    options.warmup = 50ms;
    options.measure = 500ms;
    const Measurement m = measure(options);
    EXPECT_EQ(m.loop, "open");
    EXPECT_NEAR(static_cast<double>(m.requests.sent), 1000, 1) << threads;
    EXPECT_EQ(m.requests.ok, m.requests.sent);
    EXPECT_EQ(m.details["dropped"], 0);
  }
}

TEST(Truth, AnOpenLoopIsLateByLessThanAMillisecond) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own time is more than that";
#endif
  const FakeServer server(delays(0ms));
  Options options;
  options.server = server.endpoint();
  options.connections = 8;
  options.rate_hz = 10'000;
  options.measure = 1s;
  EXPECT_TRUE(holds_once([&] {
    const Measurement m = measure(options);
    EXPECT_NEAR(static_cast<double>(m.requests.sent), 10'000, 10);
    return m.details["own_delays_us"]["lateness"]["p99"].get<double>() < 1000;
  }));
}

TEST(Truth, APoissonProcessHasItsRateToo) {
  const FakeServer server(delays(0ms));
  Options options;
  options.server = server.endpoint();
  options.connections = 4;
  options.rate_hz = 4000;
  options.arrivals = Arrivals::kPoisson;
  options.measure = 500ms;
  options.seed = 1;
  const Measurement m = measure(options);
  EXPECT_NEAR(static_cast<double>(m.requests.sent), 2000, 5 * std::sqrt(2000));
}

TEST(Truth, ThroughputBelowTheRateIsWhatTheServerServed) {
  const FakeServer server(delays(10ms));  // 100 requests a second on one connection
  Options options;
  options.server = server.endpoint();
  options.rate_hz = 400;
  options.warmup = 50ms;
  options.measure = 500ms;
  options.queue_limit = 50;
  options.timeout = 2s;
  const Measurement m = measure(options);
  EXPECT_LE(m.throughput_requests_per_second, 102);
  const auto dropped = m.details["dropped"].get<double>();
  EXPECT_NEAR(static_cast<double>(m.requests.sent) + dropped, 200, 1);
  EXPECT_GT(dropped, 50);
  EXPECT_FALSE(m.generator_limited) << "it had time enough";
  EXPECT_THAT(m.warnings, testing::Contains(testing::HasSubstr("dropped")));
}

TEST(Truth, QueuedRequestsAreDroppedWhenTheEndComes) {
  const FakeServer server([](Peer& peer) { peer.await_close(); });
  Options options;
  options.server = server.endpoint();
  options.rate_hz = 100;
  options.measure = 100ms;
  options.timeout = 40ms;
  const Measurement m = measure(options);
  EXPECT_EQ(m.requests.ok, 0U);
  EXPECT_EQ(m.requests.sent + m.details["dropped"].get<std::uint64_t>(), 10U);
}

TEST(Truth, ARampOpensTheConnectionsEvenly) {
  const FakeServer server([](Peer& peer) { peer.await_close(); });
  Options options;
  options.server = server.endpoint();
  options.connections = 10;
  options.connect_ramp = 400ms;
  options.measure = 200ms;
  options.drain = false;
  EXPECT_TRUE(holds_once([&] {
    const Measurement m = measure(options);
    EXPECT_GE(m.requests.sent, 1U);
    EXPECT_LT(m.requests.sent, 8U);
    return m.requests.sent == 5U;  // half of the ramp, half of the ten connections
  }));
}

bool suspects_a_delayed_acknowledgement(const FakeServer& server) {
  Options options;
  options.server = server.endpoint();
  options.request_count = 5;
  const auto warnings = measure(options).warnings;
  return !warnings.empty() &&
         warnings[0].find("what a delayed acknowledgement costs") != std::string::npos;
}

TEST(Truth, AnAnswerWhoseEndComesFortyMillisecondsLateIsSuspectedToWaitForAnAcknowledgement) {
  const FakeServer server([](Peer& peer) {
    while (peer.request() && peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) {
      sleep_until(std::chrono::steady_clock::now() + 41ms);
      peer.send("hello");
    }
  });
  EXPECT_TRUE(holds_once([&] { return suspects_a_delayed_acknowledgement(server); }));
}

TEST(Truth, AServerThatTakesFortyMillisecondsIsNotSuspectedOfDelayedAcknowledgements) {
  const FakeServer server(delays(41ms));
  EXPECT_FALSE(suspects_a_delayed_acknowledgement(server));
}

}  // namespace
}  // namespace poolbench::generator
