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

TEST(Course, MeasuresNothingAfterItWasInterrupted) {
  Course course(with({}, 700ms));
  course.begin(kStart);
  course.interrupt(kStart + 300ms);
  EXPECT_EQ(measured(course), 300ms);
}

}  // namespace
}  // namespace poolbench::load
