#include "load/find_rate.h"

#include <gmock/gmock.h>

#include "stats/histogram.h"

namespace poolbench::load {
namespace {

using namespace std::chrono_literals;

// What a server would give that answers within 10 ms up to a rate, and in 100 ms above.
base::Result<report::Measurement> knee_at(double rate, const Options& options) {
  report::Measurement m;
  m.throughput_requests_per_second = 1000;
  m.requests.sent = m.requests.ok = 100;
  stats::Histogram latencies;
  latencies.record(options.rate_hz <= rate ? 10'000 : 100'000, 100);
  m.latency_hdr_v2_base64 = latencies.encode();
  return m;
}

TEST(FindRate, FindsTheKneeToTwoPercent) {
  for (const double knee : {15.0, 333.0, 990.0}) {
    const auto found = find_rate(Options{}, {0.99, 20ms},
                                 [&](const Options& options) { return knee_at(knee, options); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->capacity_hz, 1000);
    EXPECT_LE(found->rate_hz, knee);
    EXPECT_GE(found->rate_hz, knee - 20);
    for (const RateStep& step : found->steps) EXPECT_EQ(step.met, step.rate_hz <= knee);
  }
}

TEST(FindRate, SaysWhenNoRateMeetsTheObjective) {
  const auto found = find_rate(Options{}, {0.99, 5ms},
                               [&](const Options& options) { return knee_at(500, options); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rate_hz, 0);
}

TEST(FindRate, TellsWhereTheGeneratorWasTheLimit) {
  Options ramped;
  ramped.connect_ramp = 1s;
  const auto found = find_rate(ramped, {0.99, 50ms}, [](const Options& options) {
    auto m = knee_at(400, options);
    m->generator_limited_reasons = {options.rate_hz > 0 ? "late" : "busy"};
    EXPECT_EQ(options.connect_ramp, options.rate_hz > 0 ? 0s : 1s);
    return m;
  });
  ASSERT_TRUE(found);
  EXPECT_THAT(found->closed_loop_limited, testing::ElementsAre("busy"));
  ASSERT_FALSE(found->steps.empty());
  EXPECT_THAT(found->steps.front().limited, testing::ElementsAre("late"));
}

TEST(FindRate, PassesAFailureOn) {
  const auto found = find_rate(Options{}, {0.99, 5ms}, [](const Options&) {
    return base::Result<report::Measurement>(base::failed("no server"));
  });
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "no server");
}

TEST(ShareWithin, CountsFailedAndDroppedRequestsAsMissed) {
  auto m = knee_at(-1, Options{}).value();
  EXPECT_EQ(share_within(m, 200ms).value(), 1);
  EXPECT_EQ(share_within(m, 50ms).value(), 0);
  m.requests.sent = 150;
  m.details["dropped"] = 50;
  EXPECT_EQ(share_within(m, 200ms).value(), 0.5);
  EXPECT_FALSE(share_within(report::Measurement{}, 1ms));
}

TEST(ParseObjective, ReadsQuantilesAsPeopleWriteThem) {
  for (const auto& [text, share] : {std::pair{"p99=50ms", 0.99},
                                    {"p50=50ms", 0.5},
                                    {"p99.9=50ms", 0.999},
                                    {"p999=50ms", 0.999}}) {
    const auto objective = parse_objective(text);
    ASSERT_TRUE(objective) << text;
    EXPECT_NEAR(objective->share, share, 1e-12);
    EXPECT_EQ(objective->within, 50ms);
  }
  for (const std::string_view text :
       {"", "99=50ms", "p=50ms", "p99", "p99=50", "p100=1ms", "p-1=1ms", "p99x=1ms", "p99=0s"}) {
    EXPECT_FALSE(parse_objective(text)) << text;
  }
}

}  // namespace
}  // namespace poolbench::load
