#include "stats/steady_state.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace poolbench::stats
