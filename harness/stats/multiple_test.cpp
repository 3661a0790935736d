#include "stats/multiple.h"

#include <gmock/gmock.h>

namespace poolbench::stats {
namespace {

TEST(BenjaminiHochbergTest, LeavesOnePValueAlone) {
  EXPECT_THAT(benjamini_hochberg(std::vector<double>{0.04}), ::testing::ElementsAre(0.04));
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace poolbench::stats
