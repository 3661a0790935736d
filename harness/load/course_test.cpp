#include "load/course.h"

#include <gtest/gtest.h>

namespace poolbench::load {
namespace {

using std::chrono_literals::operator""ms;

constexpr base::SteadyTime kStart{std::chrono::hours(1)};

Options with(base::Duration warmup, base::Duration measure) {
  Options options;
  options.warmup = warmup;
  options.measure = measure;
  return options;
}

base::Duration measured(const Course& course) {
  base::Duration sum{};
  for (auto time = kStart; time < kStart + 10'000ms; time += 1ms) {
    sum += course.measures(time) ? 1ms : 0ms;
  }
  return sum;
}

TEST(Course, MeasuresItsWindow) {
  Course course(with(200ms, 700ms));
  course.begin(kStart);
  EXPECT_EQ(measured(course), 700ms);
}

TEST(Course, InTurnsMeasuresItsSlicesOnly) {
  Options options = with(200ms, 700ms);
  options.turn = Turn{kStart, 100ms, 1, 3};
  Course course(options);
  course.begin(kStart);
  EXPECT_EQ(measured(course), 700ms) << "neither what others have nor the leads";
}

TEST(Course, OfACountEndsWithItsTimeToo) {
  Options options = with({}, 700ms);
  options.request_count = 2;
  Course course(options);
  course.begin(kStart);
  EXPECT_TRUE(course.ticket(kStart + 699ms));
  EXPECT_FALSE(course.ticket(kStart + 700ms));
  EXPECT_TRUE(course.is_over(kStart + 700ms));
  options.measure = {};
  Course endless(options);
  endless.begin(kStart);
  EXPECT_TRUE(endless.ticket(kStart + std::chrono::hours(100)));
  EXPECT_FALSE(endless.is_cut_off(kStart + std::chrono::hours(100)));
}

TEST(Course, OfACountAfterAWarmUpHasItsTimeFromTheWindowsBegin) {
  Options options = with(200ms, 700ms);
  options.request_count = 2;
  Course course(options);
  course.begin(kStart);
  EXPECT_TRUE(course.is_holding(kStart + 200ms));
  course.open_window(kStart + 300ms);
  EXPECT_FALSE(course.is_over(kStart + 999ms));
  EXPECT_TRUE(course.is_over(kStart + 1000ms));
}

TEST(Course, WaitsForWhatIsUnderWayNoLongerThanItsTimeOut) {
  Options options = with({}, 700ms);
  options.timeout = 1000ms;
  Course course(options);
  course.begin(kStart);
  EXPECT_FALSE(course.is_cut_off(kStart + 1700ms));
  EXPECT_TRUE(course.is_cut_off(kStart + 1800ms));
  options.drain = false;
  Course aborting(options);
  aborting.begin(kStart);
  EXPECT_FALSE(aborting.is_cut_off(kStart + 699ms));
  EXPECT_TRUE(aborting.is_cut_off(kStart + 700ms));
  aborting.interrupt(kStart + 100ms);
  EXPECT_TRUE(aborting.is_cut_off(kStart + 100ms));
}

TEST(Course, MeasuresNothingAfterItWasInterrupted) {
  Course course(with({}, 700ms));
  course.begin(kStart);
  course.interrupt(kStart + 300ms);
  EXPECT_EQ(measured(course), 300ms);
}

}  // namespace
}  // namespace poolbench::load
