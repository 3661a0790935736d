#include "stats/power.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "stats/location.h"

namespace poolbench::stats {
namespace {

/// How often the signed-rank test finds a shift in n normal differences of deviation 1.
double real_power(int n, double shift, double alpha) {
  constexpr int kRounds = 2000;
  std::mt19937_64 generator(20250708);
  std::normal_distribution<double> noise(shift, 1);
  int found = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> differences(static_cast<std::size_t>(n));
    for (double& difference : differences) difference = noise(generator);
    found += Location(differences).p_value(0) <= alpha ? 1 : 0;
  }
  return static_cast<double>(found) / kRounds;
}

TEST(DetectableShiftTest, HasThePowerItNames) {
  for (const int n : {8, 10, 15, 24}) {
    const auto shift = detectable_shift(n, 1, 0.05, 0.8);
    ASSERT_TRUE(shift.has_value());
    EXPECT_NEAR(real_power(n, *shift, 0.05), 0.8, 0.08) << n;
  }
  EXPECT_NEAR(real_power(12, detectable_shift(12, 1, 0.01, 0.8).value(), 0.01), 0.8, 0.08);
}

TEST(DetectableShiftTest, GrowsWithTheNoiseAndShrinksWithTheBlocks) {
  EXPECT_NEAR(detectable_shift(10, 3, 0.05, 0.8).value(),
              3 * detectable_shift(10, 1, 0.05, 0.8).value(), 1e-12);
  EXPECT_GT(detectable_shift(10, 1, 0.05, 0.8), detectable_shift(20, 1, 0.05, 0.8));
}

TEST(DetectableShiftTest, ThereIsNoneWhereNoPIsSmallEnough) {
  EXPECT_EQ(detectable_shift(5, 1, 0.05, 0.8), std::nullopt);
  EXPECT_EQ(detectable_shift(7, 1, 0.01, 0.8), std::nullopt);
  EXPECT_TRUE(detectable_shift(6, 1, 0.05, 0.8).has_value());
}

}  // namespace
}  // namespace poolbench::stats
