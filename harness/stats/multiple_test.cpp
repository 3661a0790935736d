#include "stats/multiple.h"

#include <gmock/gmock.h>

namespace poolbench::stats {
namespace {

using ::testing::DoubleNear;
using ::testing::Pointwise;

// Made with scipy.stats.false_discovery_control (SciPy 1.17.1).
TEST(BenjaminiHochbergTest, AgreesWithScipy) {
  const std::vector<double> p = {0.03937, 0.03174, 0.6736,  0.14557, 0.06726,
                                 0.10138, 0.12631, 0.63975, 0.12421};
  const std::vector<double> adjusted = {0.177165,     0.177165,     0.6736,
                                        0.1871614286, 0.1871614286, 0.1871614286,
                                        0.1871614286, 0.6736,       0.1871614286};
  EXPECT_THAT(benjamini_hochberg(p), Pointwise(DoubleNear(1e-9), adjusted));
}

TEST(BenjaminiHochbergTest, LeavesOnePValueAlone) {
  EXPECT_THAT(benjamini_hochberg(std::vector<double>{0.04}), ::testing::ElementsAre(0.04));
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace poolbench::stats
