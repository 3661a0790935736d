#include "load/tally.h"

#include <gmock/gmock.h>

namespace poolbench::load {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
constexpr base::SteadyTime kStart{100s};
constexpr Window kWindow{kStart, kStart + 1s};

Sample good(base::Duration planned, base::Duration took) {
  Sample sample;
  sample.status = 200;
  sample.planned = kStart + planned;
  sample.sent = sample.planned + took / 4;
  sample.first_byte = sample.planned + took / 2;
  sample.ended = sample.planned + took;
  sample.bytes = 10;
  return sample;
}

TEST(Tally, KeepsResponseServiceAndFirstByteApart) {
  Tally tally;
  tally.add(good(0ms, 800us), kWindow);
  EXPECT_EQ(tally.response_us.max(), 800U);
  EXPECT_EQ(tally.service_us.max(), 600U);
  EXPECT_EQ(tally.first_byte_us.max(), 200U);
  EXPECT_EQ(tally.in_progress, 800us);
  EXPECT_EQ(tally.bytes, 10U);
}

TEST(Tally, CountsRequestsByWhenTheyWerePlanned) {
  Tally tally;
  tally.add(good(-1ms, 2ms), kWindow);
  tally.add(good(0ms, 2ms), kWindow);
  tally.add(good(999ms, 2ms), kWindow);
  tally.add(good(1000ms, 2ms), kWindow);
  EXPECT_EQ(tally.ok(), 2U);
  EXPECT_EQ(tally.before, 1U);
  EXPECT_EQ(tally.carried_over, 1U);
  tally.add(good(-5ms, 2ms), kWindow);
  EXPECT_EQ(tally.before, 2U);
  EXPECT_EQ(tally.carried_over, 1U) << "it ended before the window began";
}

TEST(Tally, CountsWhatEndedWithinTheWindowWheneverItBegan) {
  Tally tally;
  tally.add(good(-5ms, 2ms), kWindow);
  tally.add(good(-1ms, 2ms), kWindow);
  Sample bad = good(500ms, 2ms);
  bad.outcome = Outcome::kStatus5xx;
  tally.add(bad, kWindow);
  tally.add(good(999ms, 2ms), kWindow);
  EXPECT_EQ(tally.ended_in_window, 2U);
  Tally both;
  both.merge(tally);
  both.merge(tally);
  EXPECT_EQ(both.ended_in_window, 4U);
}

TEST(Tally, CountsTheSeriesByWhenAnswersArrived) {
  Tally tally;
  tally.add(good(-50ms, 60ms), kWindow);  // asked for in the warm-up, arrived in the window
  tally.add(good(250ms, 1ms), kWindow);
  tally.add(good(990ms, 20ms), kWindow);  // arrived after the window
  EXPECT_THAT(tally.series, ElementsAre(1, 0, 1));
}

TEST(Tally, LeavesWrongAnswersOutOfLatenciesAndSeries) {
  Tally tally;
  Sample sample = good(0ms, 1ms);
  sample.outcome = Outcome::kStatus5xx;
  sample.status = 500;
  tally.add(sample, kWindow);
  EXPECT_EQ(tally.sent(), 1U);
  EXPECT_EQ(tally.ok(), 0U);
  EXPECT_EQ(tally.statuses[500], 1U);
  EXPECT_EQ(tally.response_us.count(), 0U);
  EXPECT_TRUE(tally.series.empty());
}

TEST(Tally, MergedEqualsOneThatSawAll) {
  Tally whole;
  Tally first;
  Tally second;
  for (int i = 0; i < 1000; ++i) {
    const Sample sample = good(i * 1ms, (i * 37 % 500) * 10us + 1us);
    whole.add(sample, kWindow);
    (i % 3 == 0 ? first : second).add(sample, kWindow);
  }
  first.merge(second);
  EXPECT_EQ(first.response_us.encode(), whole.response_us.encode());
  EXPECT_EQ(first.service_us.encode(), whole.service_us.encode());
  EXPECT_EQ(first.series, whole.series);
  EXPECT_EQ(first.outcomes, whole.outcomes);
  EXPECT_EQ(first.in_progress, whole.in_progress);
  EXPECT_EQ(first.first_planned, whole.first_planned);
  EXPECT_EQ(first.last_ended, whole.last_ended);
}

TEST(Tally, KeepsTheFirstErrorOfAll) {
  Tally first;
  Tally second;
  first.first_error = "later";
  first.first_error_at = kStart + 2s;
  second.first_error = "earlier";
  second.first_error_at = kStart + 1s;
  first.merge(second);
  EXPECT_EQ(first.first_error, "earlier");
}

TEST(Tally, RoundsToMicroseconds) {
  EXPECT_EQ(Tally::microseconds(1499ns), 1U);
  EXPECT_EQ(Tally::microseconds(1500ns), 2U);
  EXPECT_EQ(Tally::microseconds(3ns), 1U) << "no latency is nothing";
}

}  // namespace
}  // namespace poolbench::load
