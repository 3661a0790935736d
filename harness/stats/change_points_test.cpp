#include "stats/change_points.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace poolbench::stats {
namespace {

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
