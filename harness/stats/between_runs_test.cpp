#include "stats/between_runs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace poolbench::stats {
namespace {

TEST(BetweenSessionsTest, AllowsForWhatTheSessionsOwnErrorsDoNotExplain) {
  const std::vector<double> values{1, 3, 5}, exact{0, 0, 0}, rough{1, 1, 1}, hopeless{9, 9, 9};
  constexpr double kStudent = 4.302653, kNormal = 1.959964;  // 97.5 %, two degrees of freedom
  EXPECT_NEAR(run_allowance(values, exact), kStudent * std::sqrt(2) * 2, 1e-5);
  EXPECT_NEAR(run_allowance(values, rough),
              std::sqrt(2 * (kStudent * kStudent * 4 - kNormal * kNormal)), 1e-5);
  EXPECT_EQ(run_allowance(values, hopeless), 0);
}

TEST(BetweenSessionsTest, FewerSessionsAllowForMore) {
  const std::vector<double> few{1, -1}, more{1, -1, 1, -1, 1, -1, 1, -1};
  EXPECT_GT(run_allowance(few, std::vector<double>(2)),
            3 * run_allowance(more, std::vector<double>(8)));
}

TEST(BetweenSessionsTest, PIsFivePerCentAtTheIntervalsEndWithTheTailsOfStudentsT) {
  for (const double freedom : {3.0, 7.0, 1e6}) {
    EXPECT_NEAR(p_within_reach(2, 2, freedom), 0.05, 1e-9);
  }
  // pt(-2 * qt(0.975, 7), 7) * 2 and the normal counterpart.
  EXPECT_NEAR(p_within_reach(4, 2, 7), 0.0021344, 1e-6);
  EXPECT_NEAR(p_within_reach(4, 2, 1e6), 8.86e-5, 1e-6);
}

TEST(BetweenSessionsTest, NoiseFloorIsAboutZero) {
  EXPECT_NEAR(noise_floor(std::vector<double>{3, -3, 3, -3}), 3 * 1.959964, 1e-12);
}

}  // namespace
}  // namespace poolbench::stats
