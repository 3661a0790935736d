#include "generator/open_loop.h"

#include <gtest/gtest.h>

namespace poolbench::generator {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Clock = std::chrono::steady_clock;

TEST(OpenLoop, ComesBackFromAPlanThatItCannotKeepUpWith) {
  const auto now = Clock::now();
  Options options;
  RunWindow window(options);
  window.begin(now);
  std::deque<Connection> none;
  ThreadStats stats;
  constexpr double kEndless = 1e300;
  OpenLoop loop(none, window, stats, Pacer(kEndless, Arrivals::kConstant, 1, now), 10);
  loop.on_batch(now);
  EXPECT_FALSE(loop.is_empty()) << "it is not done";
  EXPECT_LT(Clock::now() - now, 5s);
}

TEST(OpenLoop, WhatCouldNotBeBegunBeforeTheEndIsDroppedToTheLastRequest) {
  constexpr int kRate = 2'000'000;
  const auto begin = Clock::now() - 10s;
  Options options;
  options.measure = 1s;
  RunWindow window(options);
  window.begin(begin);
  std::deque<Connection> none;
  ThreadStats stats;
  OpenLoop loop(none, window, stats, Pacer(kRate, Arrivals::kConstant, 1, begin), 10);
  do {
    loop.on_batch(Clock::now());
    loop.give_up();  // of what waits, and no connection will take
  } while (!loop.is_empty());
  EXPECT_EQ(stats.dropped, kRate);
}

}  // namespace
}  // namespace poolbench::generator
