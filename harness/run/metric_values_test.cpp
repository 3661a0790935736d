#include "run/metric_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::HasSubstr;

const base::SteadyTime kStart{100s};
const MeasuredWindow kWindow{kStart, kStart + 10s, 2000, 1};

scenario::MetricSpec counter(report::Per per) {
  scenario::MetricSpec metric;
  metric.per = per;
  return metric;
}
Readings at(base::SteadyTime time, double value) { return {{"", {value, time}}}; }

TEST(CounterValue, IsTheGrowthPerRequestOrSecond) {
  const auto before = at(kStart, 50), after = at(kStart + 10s, 4050);
  EXPECT_EQ(counter_value(counter(report::Per::kRequest), before, after, kWindow), 2);
  EXPECT_EQ(counter_value(counter(report::Per::kSecond), before, after, kWindow), 400);
  EXPECT_EQ(counter_value(counter(report::Per::kSecond), before, before, kWindow).has_value(),
            false);
}

TEST(CounterValue, ReadingsNeedNotBeTheEndsOfTheWindow) {
  // Half a second early, of a counter that grows by 400 a second.
  const auto before = at(kStart - 500ms, 0), after = at(kStart + 10s, 4200);
  EXPECT_DOUBLE_EQ(*counter_value(counter(report::Per::kRequest), before, after, kWindow), 2);
  EXPECT_DOUBLE_EQ(*counter_value(counter(report::Per::kSecond), before, after, kWindow), 400);
}

TEST(CounterValue, WorkersAreSummedOrTheLargestCounts) {
  const Readings before{{"7", {10, kStart}}, {"9", {0, kStart + 5s}}};
  const Readings after{{"7", {1010, kStart + 10s}}, {"9", {1500, kStart + 10s}}};
  auto metric = counter(report::Per::kSecond);
  EXPECT_EQ(counter_value(metric, before, after, kWindow), 400);
  metric.takes_largest = true;
  EXPECT_EQ(counter_value(metric, before, after, kWindow), 300);
}

TEST(CounterValue, InTurnsOnlyOurSecondsCount) {
  MeasuredWindow window = kWindow;
  window.turns_in_a_round = 4;
  const auto before = at(kStart, 0), after = at(kStart + 10s, 1000);
  EXPECT_EQ(counter_value(counter(report::Per::kSecond), before, after, window), 400);
  EXPECT_EQ(counter_value(counter(report::Per::kRequest), before, after, window), 0.5);
}

TEST(CounterValue, SaysWhyThereIsNone) {
  const auto why = [](const Readings& before, const Readings& after,
                      const MeasuredWindow& window = kWindow) {
    const auto value = counter_value(counter(report::Per::kRequest), before, after, window);
    return value ? std::string("there is one") : value.error().message;
  };
  EXPECT_THAT(why(at(kStart, 50), at(kStart + 10s, 3)),
              HasSubstr("the counter went back from 50 to 3 in the window: it was reset"));
  EXPECT_THAT(why({{"7", {50, kStart}}}, {{"7", {3, kStart + 10s}}}),
              HasSubstr("of worker 7 went"));
  EXPECT_THAT(why({{"7", {50, kStart}}}, {{"8", {60, kStart + 10s}}}), HasSubstr("was restarted"));
  EXPECT_THAT(why({{"7", {50, kStart}}}, {{"7", {60, kStart}}, {"8", {60, kStart + 10s}}}),
              HasSubstr("was restarted"));
  EXPECT_THAT(why({}, {}), HasSubstr("not read"));
  MeasuredWindow idle = kWindow;
  idle.worked_on = 0;
  EXPECT_THAT(why(at(kStart, 0), at(kStart + 10s, 3), idle), HasSubstr("no request"));
}

TEST(GaugeValues, AreTheMeanAndTheMaximum) {
  const auto both = gauge_values({2, 6, 1});
  ASSERT_TRUE(both.has_value());
  EXPECT_EQ(both->mean, 3);
  EXPECT_EQ(both->max, 6);
  EXPECT_EQ(gauge_values({-3, -1})->max, -1);
  EXPECT_THAT(gauge_values({}).error().message, HasSubstr("too short"));
}

}  // namespace
}  // namespace poolbench::run
