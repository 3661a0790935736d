#include "stats/inference.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <vector>

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

// Depression scores of Hollander and Wolfe, table 3.1: T+ = 5 of 9, P = 0.0195, estimate -0.46.
TEST(LocationTest, AgreesWithThePublishedExample) {
  const std::vector<double> differences = {0.878 - 1.83, 0.647 - 0.50, 0.598 - 1.62,
                                           2.05 - 2.48,  1.06 - 1.68,  1.29 - 1.88,
                                           1.06 - 1.55,  3.14 - 3.06,  1.29 - 1.30};
  const Location location(differences);
  EXPECT_NEAR(location.estimate(), -0.46, 1e-9);
  EXPECT_NEAR(location.p_below(0), 0.01953125, 1e-12);
}

TEST(LocationTest, NeedsSixValuesForNinetyFivePercent) {
  const std::vector<double> values = {1, 2, 3, 4, 5, 6};
  EXPECT_FALSE(Location(std::span(values).first(5)).interval(0.95).has_value());
  EXPECT_EQ(Location(values).interval(0.95), (Interval{1, 6}));
  EXPECT_DOUBLE_EQ(Location(values).p_value(0), 2.0 / 64);
}

TEST(LocationTest, OneValueIsItsOwnEstimate) {
  const std::vector<double> values = {7};
  EXPECT_EQ(Location(values).estimate(), 7);
  EXPECT_EQ(Location(values).p_value(0), 1);
}

TEST(LocationTest, EqualValuesGiveAPointAndNeverRejectThemselves) {
  const std::vector<double> values(10, 3.0);
  const Location location(values);
  EXPECT_EQ(location.interval(0.95), (Interval{3, 3}));
  EXPECT_EQ(location.p_value(3), 1);
  EXPECT_LT(location.p_value(3.1), 0.01);
}

TEST(LocationTest, RejectsExactlyOutsideTheInterval) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int> grid(-8, 12);  // coarse: many ties and zeros
  for (int round = 0; round < 200; ++round) {
    std::vector<double> values(6 + static_cast<std::size_t>(round) % 19);
    for (double& value : values) value = grid(random);
    const Location location(values);
    const auto interval = location.interval(0.95);
    ASSERT_TRUE(interval.has_value());
    for (double centre = -9; centre <= 13; centre += 0.25) {
      EXPECT_EQ(location.p_value(centre) <= 0.05, !interval->contains(centre))
          << centre << " and n " << values.size();
    }
  }
}

TEST(LocationTest, IsEquivalentExactlyWhenTheNinetyPercentIntervalIsInside) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal(0.01, 0.05);
  int inside = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<double> values(5 + static_cast<std::size_t>(round) % 20);
    for (double& value : values) value = normal(random);
    const Location location(values);
    const auto interval = location.interval(0.90);
    const bool within = interval->low > -0.03 && interval->high < 0.03;
    inside += within ? 1 : 0;
    EXPECT_EQ(location.p_within(-0.03, 0.03) <= 0.05, within);
  }
  EXPECT_GT(inside, 20);
  EXPECT_LT(inside, 280);
}

TEST(LocationTest, FollowsShiftsAndScale) {
  const std::vector<double> values = {3.5, 1.25, 9, 2, 4.75, 8, 6};
  std::vector<double> moved;
  for (const double value : values) moved.push_back(-2 * value + 16);
  const Location location(values), mirrored(moved);
  EXPECT_DOUBLE_EQ(mirrored.estimate(), -2 * location.estimate() + 16);
  EXPECT_DOUBLE_EQ(mirrored.interval(0.95)->low, -2 * location.interval(0.95)->high + 16);
}

// With one run in twenty slowed by an exponential of mean 10 %, as on a busy machine.
TEST(LocationTest, CoversTheTruthAsOftenAsItSays) {
  std::mt19937_64 random(20250708);
  std::normal_distribution<double> noise(0, 0.02);
  std::exponential_distribution<double> slow(10.0);
  std::bernoulli_distribution is_slow(0.05);
  constexpr int kRounds = 4000;
  for (const std::size_t n : {6U, 10U, 15U}) {
    int covered = 0;
    std::vector<double> differences(n);
    for (int round = 0; round < kRounds; ++round) {
      for (double& difference : differences) {
        const double base = noise(random) - (is_slow(random) ? slow(random) : 0);
        const double head = noise(random) - (is_slow(random) ? slow(random) : 0);
        difference = 0.1 + head - base;
      }
      covered += Location(differences).interval(0.95)->contains(0.1) ? 1 : 0;
    }
    EXPECT_GE(covered, 0.94 * kRounds) << n;
    EXPECT_LE(covered, 0.98 * kRounds) << n;
  }
}

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

TEST(BenjaminiHochbergTest, LeavesOnePValueAlone) {
  EXPECT_THAT(benjamini_hochberg(std::vector<double>{0.04}), ::testing::ElementsAre(0.04));
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

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
