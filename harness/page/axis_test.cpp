#include "page/axis.h"

#include <gmock/gmock.h>

namespace poolbench::page {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> all;
  for (const Tick& tick : axis.ticks()) all.push_back(tick.label);
  return all;
}

TEST(AxisTest, HasMarksOfOneTwoAndFive) {
  EXPECT_THAT(labels(Axis::logarithmic(180, 5200, 240)),
              ElementsAre("200", "500", "1\u202F000", "2\u202F000", "5\u202F000"));
}

TEST(AxisTest, HasFewerMarksWhereTheyWouldCollide) {
  EXPECT_THAT(labels(Axis::logarithmic(1, 1e6, 240)),
              ElementsAre("1", "100", "10\u202F000", "1\u202F000\u202F000"));
  EXPECT_LE(labels(Axis::logarithmic(1e-9, 1e9, 120)).size(), 7U);
}

TEST(AxisTest, HasFinerMarksInANarrowRange) {
  EXPECT_THAT(labels(Axis::logarithmic(0.8, 1.25, 200, "×")), ElementsAre("×0.8", "×1", "×1.2"));
}

TEST(AxisTest, KeepsADistanceFromTheEdges) {
  const Axis axis = Axis::logarithmic(100, 1000, 240);
  EXPECT_DOUBLE_EQ(axis.at(100), 3);
  EXPECT_DOUBLE_EQ(axis.at(1000), 97);
}

TEST(AxisTest, HasARangeWhereThereIsOneValue) {
  const Axis axis = Axis::logarithmic(250, 250, 240);
  EXPECT_NEAR(axis.at(250), 50, 1e-6);
}

TEST(AxisTest, BeginsAtZero) {
  const Axis axis = Axis::from_zero(8.2, 240);
  EXPECT_DOUBLE_EQ(axis.at(0), 0);
  EXPECT_THAT(labels(axis), ElementsAre("0", "2", "4", "6", "8"));
  EXPECT_THAT(labels(Axis::from_zero(0, 240)).front(), "0") << "nothing but zeros";
}

}  // namespace
}  // namespace poolbench::page
