#include "run/phases.h"

#include <gtest/gtest.h>

#include "base/set_clock.h"

namespace poolbench::run {
namespace {

TEST(Phases, TimesPhasesAndTheirParts) {
  base::SetClock clock;
  Phases phases(clock);
  phases.begin("start");
  clock.now += std::chrono::milliseconds(100);
  phases.part("database");
  clock.now += std::chrono::milliseconds(300);
  phases.part("boot");
  phases.begin("measure");
  clock.now += std::chrono::seconds(5);
  phases.end();
  clock.now += std::chrono::seconds(9);
  phases.end();
  ASSERT_EQ(phases.list().size(), 2U);
  EXPECT_DOUBLE_EQ(phases.list()[0].seconds, 0.4);
  EXPECT_DOUBLE_EQ(phases.list()[0].parts[1].second, 0.3);
  EXPECT_DOUBLE_EQ(phases.list()[1].seconds, 5);
}

}  // namespace
}  // namespace poolbench::run
