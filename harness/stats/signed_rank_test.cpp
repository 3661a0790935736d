#include "stats/signed_rank.h"

#include <gtest/gtest.h>

namespace poolbench::stats {
namespace {

TEST(SignedRankTest, CountsTheSubsetsOfTheRanks) {
  // Of the 8 subsets of {1, 2, 3}: sums 0, 1, 2, 3 (twice), 4, 5, 6.
  const SignedRank three(3);
  const double expected[] = {1, 2, 3, 5, 6, 7, 8};
  for (int t = 0; t <= 6; ++t) EXPECT_DOUBLE_EQ(three.at_most(t), expected[t] / 8);
  EXPECT_EQ(three.at_most(-1), 0);
  EXPECT_EQ(three.at_most(7), 1);
  EXPECT_DOUBLE_EQ(three.at_least(5), 2.0 / 8);
}

// Critical values of the two-sided 5 % level as every table prints them (one-sided 0.025).
TEST(SignedRankTest, AgreesWithTheTables) {
  const std::pair<int, int> table[] = {{5, -1},  {6, 0},   {7, 2},   {8, 3},   {9, 5},   {10, 8},
                                       {12, 13}, {15, 25}, {20, 52}, {25, 89}, {30, 137}};
  for (const auto& [n, critical] : table) EXPECT_EQ(SignedRank(n).critical(0.025), critical) << n;
}

TEST(SignedRankTest, IsADistributionForLargeSamples) {
  const SignedRank many(200);
  EXPECT_EQ(many.max(), 20100);
  EXPECT_NEAR(many.at_most(10050) + many.at_most(10049), 1.0, 1e-9);
}

}  // namespace
}  // namespace poolbench::stats
