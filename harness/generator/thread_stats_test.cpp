#include "generator/thread_stats.h"

#include <gmock/gmock.h>

namespace poolbench::generator {
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

TEST(ThreadStats, KeepsResponseServiceAndFirstByteApart) {
  ThreadStats stats;
  stats.add(good(0ms, 800us), kWindow);
  EXPECT_EQ(stats.response_us.max(), 800U);
  EXPECT_EQ(stats.service_us.max(), 600U);
  EXPECT_EQ(stats.first_byte_us.max(), 200U);
  EXPECT_EQ(stats.in_progress, 800us);
  EXPECT_EQ(stats.bytes, 10U);
}

TEST(ThreadStats, CountsRequestsByWhenTheyWerePlanned) {
  ThreadStats stats;
  stats.add(good(-1ms, 2ms), kWindow);
  stats.add(good(0ms, 2ms), kWindow);
  stats.add(good(999ms, 2ms), kWindow);
  stats.add(good(1000ms, 2ms), kWindow);
  EXPECT_EQ(stats.ok(), 2U);
  EXPECT_EQ(stats.before, 1U);
  EXPECT_EQ(stats.carried_over, 1U);
  stats.add(good(-5ms, 2ms), kWindow);
  EXPECT_EQ(stats.before, 2U);
  EXPECT_EQ(stats.carried_over, 1U) << "it ended before the window began";
}

TEST(ThreadStats, CountsWhatEndedWithinTheWindowWheneverItBegan) {
  ThreadStats stats;
  stats.add(good(-5ms, 2ms), kWindow);
  stats.add(good(-1ms, 2ms), kWindow);
  Sample bad = good(500ms, 2ms);
  bad.outcome = Outcome::kStatus5xx;
  stats.add(bad, kWindow);
  stats.add(good(999ms, 2ms), kWindow);
  EXPECT_EQ(stats.ended_in_window, 2U);
  ThreadStats both;
  both.merge(stats);
  both.merge(stats);
  EXPECT_EQ(both.ended_in_window, 4U);
}

TEST(ThreadStats, CountsTheSeriesByWhenAnswersArrived) {
  ThreadStats stats;
  stats.add(good(-50ms, 60ms), kWindow);  // asked for in the warm-up, arrived in the window
  stats.add(good(250ms, 1ms), kWindow);
  stats.add(good(990ms, 20ms), kWindow);  // arrived after the window
  EXPECT_THAT(stats.series, ElementsAre(1, 0, 1));
}

TEST(ThreadStats, LeavesWrongAnswersOutOfLatenciesAndSeries) {
  ThreadStats stats;
  Sample sample = good(0ms, 1ms);
  sample.outcome = Outcome::kStatus5xx;
  sample.status = 500;
  stats.add(sample, kWindow);
  EXPECT_EQ(stats.sent(), 1U);
  EXPECT_EQ(stats.ok(), 0U);
  EXPECT_EQ(stats.statuses[500], 1U);
  EXPECT_EQ(stats.response_us.count(), 0U);
  EXPECT_TRUE(stats.series.empty());
}

TEST(ThreadStats, MergedEqualsOneThatSawAll) {
  ThreadStats whole;
  ThreadStats first;
  ThreadStats second;
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

TEST(ThreadStats, KeepsTheFirstErrorOfAll) {
  ThreadStats first;
  ThreadStats second;
  first.first_error = "later";
  first.first_error_at = kStart + 2s;
  second.first_error = "earlier";
  second.first_error_at = kStart + 1s;
  first.merge(second);
  EXPECT_EQ(first.first_error, "earlier");
}

TEST(ThreadStats, RoundsToMicroseconds) {
  EXPECT_EQ(ThreadStats::microseconds(1499ns), 1U);
  EXPECT_EQ(ThreadStats::microseconds(1500ns), 2U);
  EXPECT_EQ(ThreadStats::microseconds(3ns), 1U) << "no latency is nothing";
}

}  // namespace
}  // namespace poolbench::generator
