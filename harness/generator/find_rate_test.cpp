#include "generator/find_rate.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// What a server would give that answers within 10 ms up to a rate, and in 100 ms above.
base::Result<report::Measurement> knee_at(double rate, const Options& options) {
  report::Measurement m;
  m.throughput_requests_per_second = 1000;
  m.requests.sent = m.requests.ok = 1000;
  stats::Histogram latencies;
  latencies.record(options.rate_hz <= rate ? 10'000 : 100'000, 1000);
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
    EXPECT_LE(found->missed_hz.value_or(1000), found->rate_hz + 20);
    EXPECT_GT(found->missed_hz.value_or(1000), knee);
    EXPECT_EQ(found->refusal, "");
    for (const RateStep& step : found->steps) {
      EXPECT_EQ(step.outcome, step.rate_hz <= knee ? Attempt::kMet : Attempt::kMissed);
    }
  }
}

TEST(FindRate, AHandfulOfAnswersDecidesNothing) {
  const auto found_with = [](std::uint64_t requests) {
    return find_rate(Options{}, {0.99, 20ms}, [&](const Options& options) {
      auto m = knee_at(500, options);
      m->requests.sent = requests;
      return m;
    });
  };
  EXPECT_THAT(found_with(8)->refusal,
              HasSubstr("8 requests decided, and this objective takes 299"));
  EXPECT_EQ(found_with(1000)->refusal, "");
}

TEST(FindRate, SaysWhenNoRateMeetsTheObjective) {
  const auto found = find_rate(Options{}, {0.99, 5ms},
                               [&](const Options& options) { return knee_at(500, options); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rate_hz, 0);
}

TEST(FindRate, OneNoisyMeasurementBoundsNothing) {
  int measured = 0;
  const auto found = find_rate(Options{}, {0.99, 20ms}, [&](const Options& options) {
    auto m = knee_at(++measured % 3 == 2 ? 0 : 500, options);
    return m;
  });
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->rate_hz, 500, 20);
  const auto misses = std::ranges::count(found->steps, Attempt::kMissed, &RateStep::outcome);
  EXPECT_GT(misses, 2);
}

TEST(FindRate, AClosedLoopThatWasHeldUpBoundsNothing) {
  int closed = 0;
  const auto found = find_rate(Options{}, {0.99, 20ms}, [&](const Options& options) {
    auto m = knee_at(700, options);
    if (options.rate_hz == 0 && ++closed == 1) m->throughput_requests_per_second = 100;
    return m;
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->capacity_hz, 1000);
  EXPECT_NEAR(found->rate_hz, 700, 20);
}

/// A server that is quick at any rate below 400/s and slow above, where something else is said to
/// have been the limit.
base::Result<FoundRate> find_with(const std::function<void(report::Measurement&, double)>& spoil) {
  return find_rate(Options{}, {0.99, 20ms}, [&](const Options& options) {
    auto m = knee_at(400, options);
    spoil(*m, options.rate_hz);
    return m;
  });
}

TEST(FindRate, RefusesWhereTheGeneratorOrTheMachineWasTheLimit) {
  const auto limited = find_with([](auto& m, double rate) {
    if (rate > 0) m.generator_limited_reasons = {"a thread was busy"};
  });
  ASSERT_TRUE(limited);
  EXPECT_THAT(limited->refusal, HasSubstr("at 500.0 requests/s the server was not"));
  EXPECT_THAT(limited->refusal, HasSubstr("a thread was busy"));
  EXPECT_EQ(limited->missed_hz, std::nullopt);
  EXPECT_EQ(limited->steps.size(), 2U) << "measured again, since it may have passed";

  const auto busy = find_with([](auto& m, double) { m.generator_delay_ratio = 0.5; });
  EXPECT_THAT(busy.value().refusal, HasSubstr("the machine was busy"));

  const auto late = find_with([](auto& m, double) { m.withheld = {{"p999", "taken up late"}}; });
  EXPECT_THAT(late.value().refusal, HasSubstr("taken up late"));
  const auto early = find_with([](auto& m, double) { m.withheld = {{"p50", "taken up late"}}; });
  EXPECT_EQ(early.value().refusal, "") << "the objective is about p99";
}

TEST(FindRate, WhatIsMetIsMetWhoeverElseWasBusy) {
  const auto found = find_with([](auto& m, double rate) {
    if (rate < 400) m.generator_delay_ratio = 0.5;
  });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->refusal, "");
  EXPECT_NEAR(found->rate_hz, 400, 20);
}

TEST(FindRate, ALimitedClosedLoopIsNoUpperEnd) {
  Options ramped;
  ramped.connect_ramp = 1s;
  const auto found = find_rate(ramped, {0.99, 50ms}, [](const Options& options) {
    auto m = knee_at(5000, options);
    if (options.rate_hz == 0) m->generator_limited_reasons = {"busy"};
    EXPECT_EQ(options.connect_ramp, options.rate_hz > 0 ? 0s : 1s);
    return m;
  });
  ASSERT_TRUE(found);
  EXPECT_THAT(found->closed_loop_limited, testing::ElementsAre("busy"));
  EXPECT_THAT(found->refusal, HasSubstr("up to those of the closed loop"));
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
  m.requests.sent = 1500;
  m.details["dropped"] = 500;
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

TEST(FoundRateText, ShowsEveryRateThatWasTriedAndTheBracket) {
  FoundRate found{.capacity_hz = 1000,
                  .rate_hz = 500,
                  .missed_hz = 750,
                  .steps = {{500, 0.995, Attempt::kMet, {}}, {750, 0.5, Attempt::kMissed, {}}}};
  const Objective objective{0.99, 50ms};
  std::string text = found_rate_text(found, objective);
  EXPECT_THAT(text, HasSubstr("500.0 requests/s: 99.50 % within 50ms\n"));
  EXPECT_THAT(text, HasSubstr("750.0 requests/s: 50.00 % within 50ms, too few"));
  EXPECT_THAT(text, HasSubstr("highest rate with 99 % within 50ms: 500.0 requests/s; "
                              "lowest without: 750.0"));
  EXPECT_EQ(found_rate_json(found, objective)["missed_requests_per_second"], 750);
  found.missed_hz.reset();
  EXPECT_THAT(found_rate_text(found, objective), HasSubstr("none was without"));
  EXPECT_TRUE(found_rate_json(found, objective)["missed_requests_per_second"].is_null());
}

TEST(FoundRateText, WithoutAnAnswerThereIsNoRate) {
  const Objective objective{0.99, 50ms};
  const FoundRate none{.capacity_hz = 1000, .closed_loop_limited = {"a thread was busy"}};
  EXPECT_THAT(found_rate_text(none, objective), HasSubstr("no rate met"));
  EXPECT_THAT(found_rate_text(none, objective),
              HasSubstr("the server was not the limit: a thread was busy"));
  EXPECT_TRUE(found_rate_json(none, objective)["rate_requests_per_second"].is_null());
  const FoundRate refused{.capacity_hz = 1000,
                          .rate_hz = 6,
                          .steps = {{12, 0.5, Attempt::kUnclear, {"late"}}},
                          .refusal = "the machine was busy"};
  const std::string text = found_rate_text(refused, objective);
  EXPECT_THAT(text, HasSubstr("which says nothing of the server"));
  EXPECT_THAT(text, HasSubstr("no answer: the machine was busy"));
  EXPECT_THAT(text, Not(HasSubstr("highest rate")));
  EXPECT_TRUE(found_rate_json(refused, objective)["rate_requests_per_second"].is_null());
  EXPECT_EQ(found_rate_json(refused, objective)["refusal"], "the machine was busy");
}

}  // namespace
}  // namespace poolbench::generator
