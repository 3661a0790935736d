#include "run/time_limit.h"

#include <gtest/gtest.h>

#include "base/set_clock.h"

namespace poolbench::run {
namespace {

using std::chrono_literals::operator""s;

TEST(TimeLimit, AllowsEverythingWhereThereIsNone) {
  base::SetClock clock;
  const TimeLimit limit(clock, std::nullopt);
  clock.now += 1000000s;
  EXPECT_TRUE(limit.allows(1000000s));
  EXPECT_EQ(limit.left(), std::nullopt);
}

TEST(TimeLimit, AllowsWhatEndsInTime) {
  base::SetClock clock;
  const TimeLimit limit(clock, 60s);
  clock.now += 50s;
  EXPECT_TRUE(limit.allows(10s));
  EXPECT_FALSE(limit.allows(11s));
  clock.now += 20s;
  EXPECT_EQ(limit.left(), 0s);
  EXPECT_FALSE(limit.allows(1s));
}

TEST(TimeLimit, GoesByThePaceSoFarButNeverHopes) {
  base::SetClock clock;
  TimeLimit slow(clock, 60s), quick(clock, 60s);
  slow.took(20s, 10s);
  EXPECT_TRUE(slow.allows(30s));
  EXPECT_FALSE(slow.allows(31s));
  quick.took(5s, 10s);
  EXPECT_TRUE(quick.allows(60s));
  EXPECT_FALSE(quick.allows(61s));
}

}  // namespace
}  // namespace poolbench::run
