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

TEST(Phases, OverheadLeavesOutWhatIsNotOurs) {
  const std::vector<report::Phase> phases{
      {"start", 1.5, {{"database", 0.1}, {"boot", 1.0}, {"workers", 0.4}}},
      {"verify", 0.02, {}},
      {"warm-up", 1, {}},
      {"measure", 5, {}},
      {"stop", 0.33, {{"target", 0.3}}}};
  EXPECT_NEAR(overhead_seconds(phases), 0.1 + 0.02 + 0.03, 1e-9);
}

}  // namespace
}  // namespace poolbench::run
