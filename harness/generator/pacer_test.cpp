#include "generator/pacer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
constexpr base::SteadyTime kStart{1000s};

TEST(Pacer, KeepsAnEvenPaceWithoutDrift) {
  Pacer pacer(3, Arrivals::kConstant, 0, kStart);
  EXPECT_EQ(pacer.next(), kStart);
  for (int i = 0; i < 3'000'000; ++i) pacer.advance();
  EXPECT_EQ(pacer.next(), kStart + 1'000'000s);
}

TEST(Pacer, DrawsGapsFromTheExponentialDistribution) {
  constexpr double kRate = 1000;
  constexpr int kDraws = 200'000;
  Pacer pacer(kRate, Arrivals::kPoisson, 7, kStart);
  base::SteadyTime last = kStart;
  double sum = 0;
  double squares = 0;
  int below_the_mean = 0;
  for (int i = 0; i < kDraws; ++i, pacer.advance()) {
    const double gap = base::to_seconds(pacer.next() - last) * kRate;
    last = pacer.next();
    ASSERT_GE(gap, 0);
    sum += gap;
    squares += gap * gap;
    below_the_mean += gap < 1 ? 1 : 0;
  }
  // Mean 1, second moment 2, and 1 − 1/e below the mean; within five standard errors.
  EXPECT_NEAR(sum / kDraws, 1, 5 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 2, 5 * std::sqrt(20.0 / kDraws));
  EXPECT_NEAR(static_cast<double>(below_the_mean) / kDraws, 1 - std::exp(-1), 0.0055);
}

TEST(Pacer, RepeatsForTheSameSeedOnly) {
  Pacer first(10, Arrivals::kPoisson, 1, kStart);
  Pacer same(10, Arrivals::kPoisson, 1, kStart);
  Pacer other(10, Arrivals::kPoisson, 2, kStart);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(first.next(), same.next());
    EXPECT_NE(first.next(), other.next());
    first.advance();
    same.advance();
    other.advance();
  }
}

}  // namespace
}  // namespace poolbench::generator
