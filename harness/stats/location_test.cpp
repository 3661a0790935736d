#include "stats/location.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace poolbench::stats {
namespace {

struct Case {
  std::vector<double> values;
  double estimate;
  std::optional<Interval> interval_95, interval_90;
  double p_two_sided, p_greater, p_within_tenth;
};

// Made with SciPy 1.17.1: values are normal(0.04, 0.06) of numpy's default_rng(20250708), rounded;
// p by scipy.stats.wilcoxon(method="exact"), against 0 and (p_within_tenth) as the larger of its
// one-sided p at ±0.1; intervals by inverting that test: every centre between successive Walsh
// averages was tried, not our formula; the estimate by numpy.median.
const std::vector<Case> kScipy = {
    {{-0.0029, 0.1644, 0.0992, 0.0985, 0.0562},
     0.08075,
     std::nullopt,
     Interval{-0.0029, 0.1644},
     0.125,
     0.0625,
     0.21875},
    {{-0.112, 0.0562, -0.0159, -0.0337, -0.0617, 0.118},
     -0.0159,
     Interval{-0.112, 0.118},
     Interval{-0.07285, 0.0562},
     0.84375,
     0.65625,
     0.03125},
    {{0.0248, 0.0991, 0.1372, 0.0459, -0.0147, 0.1248, 0.0397},
     0.065675,
     Interval{0.0125, 0.1248},
     Interval{0.0156, 0.11815},
     0.03125,
     0.015625,
     0.078125},
    {{0.0755, 0.0751, 0.0631, 0.0297, 0.0919, 0.0716, -0.0437, -0.04},
     0.051525,
     Interval{-0.007, 0.08175},
     Interval{0.0097, 0.0755},
     0.078125,
     0.0390625,
     0.00390625},
    {{0.0639, 0.0607, -0.0015, 0.108, -0.0614, -0.0546, -0.0088, -0.0712, 0.0783, -0.0094},
     0.00465,
     Interval{-0.03635, 0.0623},
     Interval{-0.0351, 0.05325},
     0.76953125,
     0.384765625,
     0.001953125},
    {{-0.0055, 0.0855, 0.0802, 0.0413, 0.031, 0.086, 0.0193, 0.0982, -0.0299, 0.1014, 0.0186,
      -0.0017},
     0.04425,
     Interval{0.0088, 0.08285},
     Interval{0.0186, 0.0662},
     0.01220703125,
     0.006103515625,
     0.00048828125},
    {{-0.0008, -0.1406, -0.0768, 0.0496, -0.0558, 0.0353, 0.1753, 0.0319, 0.0282, 0.0999, 0.0596,
      0.0799, 0.11, -0.043, 0.085},
     0.0327,
     Interval{-0.0153, 0.07265},
     Interval{-0.0086, 0.0676},
     0.187622070312,
     0.0938110351562,
     0.00213623046875},
    {{0.0183, 0.1256, 0.2009, -0.0118, 0.1132, 0.1761, 0.1203,  0.0815, 0.0271,  0.0242,
      0.0369, 0.0812, 0.0983, 0.0498,  0.005,  0.0284, -0.0647, 0.0182, -0.0322, -0.0467},
     0.0503,
     Interval{0.0182, 0.08435},
     Interval{0.0227, 0.0771},
     0.00485992431641,
     0.0024299621582,
     0.00765609741211},
    {{0.0656, -0.0906, 0.1844, 0.0148,  0.0057,  0.1868,  -0.0035, -0.0459,
      0.0838, -0.0027, 0.0996, 0.0498,  -0.0043, -0.0037, -0.0117, -0.0466,
      0.0293, 0.0424,  0.0042, -0.0175, -0.0354, 0.07,    0.0393,  0.022},
     0.01905,
     Interval{-0.0033, 0.04765},
     Interval{0.00025, 0.0424},
     0.0950959920883,
     0.0475479960442,
     3.19480895996e-05},
};

TEST(LocationTest, AgreesWithScipy) {
  for (const Case& expected : kScipy) {
    SCOPED_TRACE(expected.values.size());
    const Location location(expected.values);
    EXPECT_NEAR(location.estimate(), expected.estimate, 1e-12);
    for (const auto& [confidence, reference] :
         {std::pair{0.95, expected.interval_95}, std::pair{0.90, expected.interval_90}}) {
      const auto interval = location.interval(confidence);
      ASSERT_EQ(interval.has_value(), reference.has_value());
      if (!reference) continue;
      EXPECT_NEAR(interval->low, reference->low, 1e-12);
      EXPECT_NEAR(interval->high, reference->high, 1e-12);
    }
    EXPECT_NEAR(location.p_value(0), expected.p_two_sided, 1e-10);
    EXPECT_NEAR(location.p_above(0), expected.p_greater, 1e-10);
    EXPECT_NEAR(location.p_within(-0.1, 0.1), expected.p_within_tenth, 1e-10);
  }
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

}  // namespace
}  // namespace poolbench::stats
