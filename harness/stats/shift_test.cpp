#include "stats/shift.h"

#include <gtest/gtest.h>

#include <random>

namespace poolbench::stats {
namespace {

TEST(ShiftTest, NormalApproximationContinuesTheExactOne) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> first(25), second(25);
  for (double& value : first) value = normal(random);
  for (double& value : second) value = normal(random) + 1;
  const auto exact = *Shift(first, second).interval(0.95);
  second.push_back(exact.low + 1);  // 51 values
  const auto approximate = *Shift(first, second).interval(0.95);
  EXPECT_NEAR(exact.low, approximate.low, 0.05);
  EXPECT_NEAR(exact.high, approximate.high, 0.05);
}

TEST(ShiftTest, CoversTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(4);
  std::normal_distribution<double> noise(0, 0.02);
  std::exponential_distribution<double> slow(10.0);
  std::bernoulli_distribution is_slow(0.05);
  constexpr int kRounds = 3000;
  int covered = 0;
  std::vector<double> first(10), second(10);
  for (int round = 0; round < kRounds; ++round) {
    for (double& value : first) value = noise(random) - (is_slow(random) ? slow(random) : 0);
    for (double& value : second) value = 0.1 + noise(random) - (is_slow(random) ? slow(random) : 0);
    covered += Shift(first, second).interval(0.95)->contains(0.1) ? 1 : 0;
  }
  EXPECT_GE(covered, 0.94 * kRounds);
  EXPECT_LE(covered, 0.97 * kRounds);
}

}  // namespace
}  // namespace poolbench::stats
