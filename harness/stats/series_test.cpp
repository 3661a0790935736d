#include "stats/series.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace poolbench::stats {
namespace {

struct Case {
  std::string name;
  std::vector<double> values;
  std::size_t left_out;
};

// Made with NumPy 2.4.6: a course plus normal noise of default_rng(20250708), rounded; the expected
// value is 5 · argmin over d of numpy.var(batches[d:]) / (n − d).
const std::vector<Case> kNumPy = {
    {"exponential start",
     {-2, 22,  31,  42,  49, 49,  64,  66,  70, 73,  85, 83,  89, 93,  91,  89,  97, 94,  97,  98,
      98, 96,  100, 99,  94, 94,  100, 100, 97, 103, 94, 95,  97, 94,  102, 97,  97, 102, 102, 100,
      99, 102, 99,  103, 96, 103, 99,  98,  98, 91,  94, 100, 95, 100, 107, 100, 99, 103, 101, 102},
     20},
    {"steady",
     {103, 96,  102, 99,  104, 108, 97,  104, 107, 104, 102, 99,  99,  100, 102,
      103, 100, 98,  99,  95,  99,  96,  96,  101, 93,  107, 99,  98,  107, 98,
      96,  102, 98,  103, 100, 98,  98,  97,  96,  99,  100, 98,  97,  96,  102,
      100, 99,  103, 103, 102, 100, 100, 98,  105, 100, 100, 105, 106, 97,  97},
     10},
    {"never steady",
     {-1, 5,  3,  2,  11, 11, 16, 14, 15, 24, 20,  21,  22,  29,  34,  34,  32,  36,  41,  35,
      43, 43, 44, 46, 46, 53, 55, 52, 59, 58, 62,  59,  63,  68,  71,  69,  65,  76,  74,  77,
      80, 90, 87, 89, 88, 91, 92, 99, 94, 96, 102, 103, 104, 109, 109, 114, 112, 110, 119, 119},
     30},
    {"step",
     {66,  63,  57,  56,  60,  58,  64,  58,  63,  66,  58,  57,  59,  61, 63,
      60,  53,  99,  103, 110, 103, 99,  100, 101, 102, 101, 99,  101, 95, 100,
      96,  91,  97,  101, 98,  97,  105, 99,  104, 105, 92,  102, 100, 96, 92,
      101, 100, 102, 96,  105, 98,  102, 103, 101, 97,  105, 106, 100, 97, 110},
     20},
    {"a length that is no multiple of five",
     {17,  22,  8,   26,  35,  -7,  12,  17,  112, 96,  105, 110, 110, 101, 99,
      111, 110, 101, 110, 109, 100, 100, 95,  112, 97,  96,  83,  89,  110, 114,
      86,  84,  91,  114, 99,  104, 106, 101, 95,  108, 82,  120, 99},
     20},
};

std::vector<double> batches(const std::vector<double>& means) {
  std::vector<double> values;
  for (const double mean : means) values.insert(values.end(), kMserBatch, mean);
  return values;
}

TEST(Mser5Test, AgreesWithNumPy) {
  for (const Case& expected : kNumPy) {
    EXPECT_EQ(mser5(expected.values), expected.left_out) << expected.name;
  }
}

// By hand, n = 4: d = 0 gives (30² + 3 · 10²) / 16 = 75, d = 1 and d = 2 give 0; the first counts.
TEST(Mser5Test, LeavesOutNoMoreThanItMust) { EXPECT_EQ(mser5(batches({0, 40, 40, 40})), 5U); }

TEST(Mser5Test, LeavesNothingOutOfAConstantSeries) {
  EXPECT_EQ(mser5(batches({7, 7, 7, 7, 7})), 0U);
}

TEST(Mser5Test, NeverLeavesOutMoreThanHalf) {
  EXPECT_EQ(mser5(batches({10, 20, 30, 40, 50, 60, 70, 80})), 20U);
}

TEST(Mser5Test, SaysNothingOfAShortSeries) {
  EXPECT_EQ(mser5(std::vector<double>(19, 1.0)), std::nullopt);
  EXPECT_EQ(mser5({}), std::nullopt);
}

TEST(HalvesDifferTest, SeesADriftButNotAJitter) {
  EXPECT_TRUE(halves_differ(batches({100, 101, 102, 103, 104, 105, 106, 107}), 0.02));
  EXPECT_FALSE(halves_differ(batches({100, 110, 95, 104, 96, 107, 99, 101}), 0.02));
}

TEST(HalvesDifferTest, SeesNoDifferenceThatIsTooSmallToMatter) {
  const auto values = batches({100, 100, 100, 100, 101, 101, 101, 101});
  EXPECT_FALSE(halves_differ(values, 0.02));
  EXPECT_TRUE(halves_differ(values, 0.005));
}

TEST(HalvesDifferTest, SaysNothingOfAShortSeries) {
  EXPECT_FALSE(halves_differ(batches({1, 1, 1, 9, 9, 9}), 0.02));
}

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

/// Normal noise around levels that hold for so many values each.
std::vector<double> series(std::uint64_t seed, double noise,
                           const std::vector<std::pair<std::size_t, double>>& levels) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, noise);
  std::vector<double> values;
  for (const auto& [count, level] : levels) {
    for (std::size_t i = 0; i < count; ++i) values.push_back(level + normal(random));
  }
  return values;
}

std::vector<std::size_t> indices(const std::vector<ChangePoint>& points) {
  std::vector<std::size_t> all;
  for (const ChangePoint& point : points) all.push_back(point.index);
  return all;
}

TEST(ChangePointsTest, FindsAStepWhereItIs) {
  const auto points = change_points(series(1, 0.005, {{20, 0.0}, {10, -0.03}}), {});
  ASSERT_EQ(points.size(), 1U);
  EXPECT_EQ(points[0].index, 20U);
  EXPECT_NEAR(points[0].before, 0, 0.003);
  EXPECT_NEAR(points[0].after, -0.03, 0.003);
}

TEST(ChangePointsTest, FindsEveryStepAndAReturn) {
  const auto values = series(2, 0.005, {{15, 0.0}, {12, 0.05}, {12, 0.0}, {30, 0.08}, {20, 0.0}});
  EXPECT_THAT(indices(change_points(values, {})), ElementsAre(15, 27, 39, 69));
}

TEST(ChangePointsTest, FindsAStepSoonAfterItHappened) {
  EXPECT_THAT(indices(change_points(series(3, 0.005, {{40, 0.0}, {3, -0.05}}), {})),
              ElementsAre(40));
}

TEST(ChangePointsTest, OneOutlierIsNoChange) {
  auto values = series(4, 0.005, {{40, 0.0}});
  values[20] = -0.3;
  values[39] = -0.3;
  EXPECT_THAT(change_points(values, {}), IsEmpty());
}

TEST(ChangePointsTest, StepsBelowTheLeastShiftAreLeftOut) {
  const auto values = series(5, 0.001, {{20, 0.0}, {20, 0.01}, {20, 0.06}});
  EXPECT_THAT(indices(change_points(values, {})), ElementsAre(20, 40));
  ChangePointSearch search;
  search.least_shift = std::log(1.02);
  EXPECT_THAT(change_points(values, search), ElementsAre(Field(&ChangePoint::index, 40)));
}

TEST(ChangePointsTest, LongSeriesAreSearchedWindowByWindow) {
  const auto values = series(6, 0.005, {{130, 0.0}, {150, 0.04}});
  EXPECT_THAT(indices(change_points(values, {})), ElementsAre(130));
}

TEST(ChangePointsTest, TheSameSeriesGivesTheSameAnswer) {
  const auto values = series(7, 0.02, {{25, 0.0}, {25, 0.02}});
  EXPECT_EQ(change_points(values, {}), change_points(values, {}));
}

TEST(ChangePointsTest, FewOrEqualValuesHaveNone) {
  EXPECT_THAT(change_points({}, {}), IsEmpty());
  EXPECT_THAT(change_points(std::vector<double>{1, 2, 3}, {}), IsEmpty());
  EXPECT_THAT(change_points(std::vector<double>(60, 1.5), {}), IsEmpty());
}

TEST(ChangePointsTest, NoiseAloneIsFlaggedInFewerThanFiveOfAThousandSeries) {
  // 1 of 1000 is what the permutation test allows a window; slow outliers are part of the noise.
  constexpr int kSeries = 1000;
  std::mt19937_64 random(8);
  std::exponential_distribution<double> slow(10);
  int flagged = 0;
  for (int i = 0; i < kSeries; ++i) {
    auto values = series(static_cast<std::uint64_t>(100 + i), 0.01, {{50, 0.0}});
    for (double& value : values) value -= random() % 20 == 0 ? slow(random) : 0.0;
    flagged += change_points(values, {}).empty() ? 0 : 1;
  }
  EXPECT_LT(flagged, 5);
}

}  // namespace
}  // namespace poolbench::stats
