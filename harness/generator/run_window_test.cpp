#include "generator/run_window.h"

#include <gtest/gtest.h>

namespace poolbench::generator {
namespace {

using std::chrono_literals::operator""ms;

constexpr base::SteadyTime kStart{std::chrono::hours(1)};

Options with(base::Duration warmup, base::Duration measure) {
  Options options;
  options.warmup = warmup;
  options.measure = measure;
  return options;
}

base::Duration measured(const RunWindow& window) {
  base::Duration sum{};
  for (auto time = kStart; time < kStart + 10'000ms; time += 1ms) {
    sum += window.measures(time) ? 1ms : 0ms;
  }
  return sum;
}

TEST(RunWindow, MeasuresItsWindow) {
  RunWindow window(with(200ms, 700ms));
  window.begin(kStart);
  EXPECT_EQ(measured(window), 700ms);
}

TEST(RunWindow, InTurnsMeasuresItsSlicesOnly) {
  Options options = with(200ms, 700ms);
  options.turn = Turn{kStart, 100ms, 1, 3};
  RunWindow window(options);
  window.begin(kStart);
  EXPECT_EQ(measured(window), 700ms) << "neither what others have nor the leads";
}

TEST(RunWindow, OfACountEndsWithItsTimeToo) {
  Options options = with({}, 700ms);
  options.request_count = 2;
  RunWindow window(options);
  window.begin(kStart);
  EXPECT_TRUE(window.ticket(kStart + 699ms));
  EXPECT_FALSE(window.ticket(kStart + 700ms));
  EXPECT_TRUE(window.is_over(kStart + 700ms));
  options.measure = {};
  RunWindow endless(options);
  endless.begin(kStart);
  EXPECT_TRUE(endless.ticket(kStart + std::chrono::hours(100)));
  EXPECT_FALSE(endless.is_cut_off(kStart + std::chrono::hours(100)));
}

TEST(RunWindow, OfACountAfterAWarmUpHasItsTimeFromTheWindowsBegin) {
  Options options = with(200ms, 700ms);
  options.request_count = 2;
  RunWindow window(options);
  window.begin(kStart);
  EXPECT_TRUE(window.is_holding(kStart + 200ms));
  window.open_window(kStart + 300ms);
  EXPECT_FALSE(window.is_over(kStart + 999ms));
  EXPECT_TRUE(window.is_over(kStart + 1000ms));
}

TEST(RunWindow, WaitsForWhatIsUnderWayNoLongerThanItsTimeOut) {
  Options options = with({}, 700ms);
  options.timeout = 1000ms;
  RunWindow window(options);
  window.begin(kStart);
  EXPECT_FALSE(window.is_cut_off(kStart + 1700ms));
  EXPECT_TRUE(window.is_cut_off(kStart + 1800ms));
  options.drain = false;
  RunWindow aborting(options);
  aborting.begin(kStart);
  EXPECT_FALSE(aborting.is_cut_off(kStart + 699ms));
  EXPECT_TRUE(aborting.is_cut_off(kStart + 700ms));
  aborting.interrupt(kStart + 100ms);
  EXPECT_TRUE(aborting.is_cut_off(kStart + 100ms));
}

TEST(RunWindow, MeasuresNothingAfterItWasInterrupted) {
  RunWindow window(with({}, 700ms));
  window.begin(kStart);
  window.interrupt(kStart + 300ms);
  EXPECT_EQ(measured(window), 300ms);
}

}  // namespace
}  // namespace poolbench::generator
