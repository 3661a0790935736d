#include "probe/host_load.h"

#include <gtest/gtest.h>

namespace poolbench::probe {
namespace {

HostCounters at_start() {
  HostCounters counters;
  counters.total_ticks = 1000;
  counters.idle_ticks = 400;
  counters.steal_ticks = 10;
  counters.pressure_some_us = 5000;
  return counters;
}

TEST(HostEvidence, IsTheShareOfTheWindow) {
  HostCounters after = at_start();
  after.at += std::chrono::seconds(2);
  after.total_ticks += 400;
  after.idle_ticks += 100;
  after.steal_ticks += 20;
  *after.pressure_some_us += 500'000;
  const auto evidence = host_evidence(at_start(), after);
  EXPECT_DOUBLE_EQ(evidence.cpu_busy_ratio.value(), 0.75);
  EXPECT_DOUBLE_EQ(evidence.steal_ratio.value(), 0.05);
  EXPECT_DOUBLE_EQ(evidence.pressure_some_ratio.value(), 0.25);
}

TEST(HostEvidence, IsNeverMoreThanAllOfTheWindow) {
  HostCounters after = at_start();
  after.at += std::chrono::milliseconds(100);
  after.total_ticks += 20;
  after.steal_ticks += 21;
  *after.pressure_some_us += 101'000;  // the kernel adds what lies before the window late
  const auto evidence = host_evidence(at_start(), after);
  EXPECT_EQ(evidence.steal_ratio, 1.0);
  EXPECT_EQ(evidence.pressure_some_ratio, 1.0);
}

TEST(HostEvidence, SurvivesAnIdleCounterThatGoesBack) {
  HostCounters after = at_start();
  after.total_ticks += 20;
  after.idle_ticks -= 1;
  EXPECT_EQ(host_evidence(at_start(), after).cpu_busy_ratio, 1.0);
}

}  // namespace
}  // namespace poolbench::probe
