#include "generator/request_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr base::SteadyTime kStart{1000s};

TEST(Pacer, KeepsAnEvenPaceWithoutDrift) {
  Pacer pacer(3, Arrivals::kConstant, 0, kStart);
  EXPECT_EQ(pacer.next(), kStart);
  for (int i = 0; i < 3'000'000; ++i) pacer.advance();
  EXPECT_EQ(pacer.next(), kStart + 1'000'000s);
}

TEST(Pacer, DrawsGapsFromTheExponentialDistribution) {
  constexpr double kRate = 1000;
  constexpr int kDraws = 200'000;
  Pacer pacer(kRate, Arrivals::kPoisson, 7, kStart);
  base::SteadyTime last = kStart;
  double sum = 0;
  double squares = 0;
  int below_the_mean = 0;
  for (int i = 0; i < kDraws; ++i, pacer.advance()) {
    const double gap = base::to_seconds(pacer.next() - last) * kRate;
    last = pacer.next();
    ASSERT_GE(gap, 0);
    sum += gap;
    squares += gap * gap;
    below_the_mean += gap < 1 ? 1 : 0;
  }
  // Mean 1, second moment 2, and 1 − 1/e below the mean; within five standard errors.
  EXPECT_NEAR(sum / kDraws, 1, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 2, 5 * std::sqrt(20.0 / kDraws));
  EXPECT_NEAR(static_cast<double>(below_the_mean) / kDraws, 1 - std::exp(-1), 0.0055);
}

TEST(Pacer, RepeatsForTheSameSeedOnly) {
  Pacer first(10, Arrivals::kPoisson, 1, kStart);
  Pacer same(10, Arrivals::kPoisson, 1, kStart);
  Pacer other(10, Arrivals::kPoisson, 2, kStart);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(first.next(), same.next());
    EXPECT_NE(first.next(), other.next());
    first.advance();
    same.advance();
    other.advance();
  }
}

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
