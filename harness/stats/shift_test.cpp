#include "stats/shift.h"

#include <gtest/gtest.h>

#include <random>

namespace poolbench::stats {
namespace {

struct ShiftCase {
  std::vector<double> first, second;
  double estimate;
  std::optional<Interval> interval_95, interval_90;
};

// Made with SciPy 1.17.1: values are normal of numpy's default_rng(7), rounded; intervals by
// inverting scipy.stats.mannwhitneyu(method="exact"): every shift between successive differences
// was tried; the estimate by numpy.median.
const std::vector<ShiftCase> kScipyShifts = {
    {{0.0001, 0.0149, -0.0137}, {0.0155, 0.0373, 0.0104}, 0.0224, std::nullopt, std::nullopt},
    {{0.003, 0.067, -0.0246, -0.031},
     {0.0845, 0.0778, 0.0653, 0.0135},
     0.06855,
     Interval{-0.0535, 0.1155},
     Interval{-0.0017, 0.1091}},
    {{-0.0015, 0.0348, -0.0672, -0.0229, -0.0951},
     {-0.0045, -0.0321, 0.0482},
     0.0351,
     Interval{-0.0669, 0.1433},
     Interval{-0.0393, 0.1154}},
    {{-0.0634, 0.0136, 0.0078, -0.0093, -0.1258, -0.0269},
     {0.0576, 0.0657, -0.0165, 0.0361, 0.0111, 0.0196},
     0.05095,
     Interval{0.006, 0.1291},
     Interval{0.0118, 0.1093}},
    {{0.053, -0.0404, -0.0016, 0.0442, -0.0292, -0.0056, 0.0055, 0.0032},
     {-0.0013, 0.0638, 0.1279, -0.0174, 0.103, 0.066, 0.0279, 0.16, 0.0981, 0},
     0.05965,
     Interval{0.0016, 0.1086},
     Interval{0.0108, 0.1046}},
    {{0.0037, 0.0288, -0.0094, 0.0341, -0.0033, 0.0334, 0.0719, -0.0338, 0.0102, -0.0232, 0.0064,
      -0.0594},
     {0.031, 0.0502, 0.1049, 0.1173, -0.0062, 0.0203, 0.0923, -0.0396, 0.0368},
     0.04005,
     Interval{-0.0029, 0.0859},
     Interval{0.0032, 0.0821}},
};

TEST(ShiftTest, AgreesWithScipy) {
  for (const ShiftCase& expected : kScipyShifts) {
    SCOPED_TRACE(expected.first.size());
    const Shift shift(expected.first, expected.second);
    EXPECT_NEAR(shift.estimate(), expected.estimate, 1e-12);
    for (const auto& [confidence, reference] :
         {std::pair{0.95, expected.interval_95}, std::pair{0.90, expected.interval_90}}) {
      const auto interval = shift.interval(confidence);
      ASSERT_EQ(interval.has_value(), reference.has_value());
      if (!reference) continue;
      EXPECT_NEAR(interval->low, reference->low, 1e-12);
      EXPECT_NEAR(interval->high, reference->high, 1e-12);
    }
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

}  // namespace
}  // namespace poolbench::stats
