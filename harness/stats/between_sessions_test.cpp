#include "stats/between_sessions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace poolbench::stats {
namespace {

TEST(BetweenSessionsTest, VarianceIsWhatTheSessionsOwnErrorsDoNotExplain) {
  const std::vector<double> values{1, 3, 5}, exact{0, 0, 0}, rough{1, 1, 1}, hopeless{9, 9, 9};
  EXPECT_DOUBLE_EQ(between_session_variance(values, exact), 4);
  EXPECT_DOUBLE_EQ(between_session_variance(values, rough), 3);
  EXPECT_EQ(between_session_variance(values, hopeless), 0);
}

TEST(BetweenSessionsTest, FewerSessionsAllowForMore) {
  EXPECT_NEAR(session_allowance(0.5, 8), 2.364624, 1e-6);  // Student's t of 7 degrees of freedom
  EXPECT_NEAR(session_allowance(0.5, 10000), 1.9602, 1e-4);
}

TEST(BetweenSessionsTest, NoiseFloorIsAboutZero) {
  EXPECT_NEAR(noise_floor(std::vector<double>{3, -3, 3, -3}), 3 * 1.959964, 1e-12);
}

}  // namespace
}  // namespace poolbench::stats
