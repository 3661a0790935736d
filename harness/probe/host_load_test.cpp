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

TEST(HostEvidence, TellsWhatDisturbedTheWindow) {
  HostCounters before = at_start();
  before.throttled_periods = 7;
  before.swapped_bytes = 4096;
  HostCounters after = before;
  after.total_ticks += 400;
  after.at += std::chrono::seconds(2);
  after.utc += std::chrono::milliseconds(2500);
  *after.throttled_periods += 3;
  *after.swapped_bytes += 8192;
  const auto evidence = host_evidence(before, after);
  EXPECT_EQ(evidence.throttled_periods, 3);
  EXPECT_EQ(evidence.swapped_bytes, 8192);
  EXPECT_NEAR(evidence.clock_step_seconds.value(), 0.5, 1e-9);
  EXPECT_DOUBLE_EQ(evidence.steal_resolution_ratio.value(), 1.0 / 400);
  after.throttled_periods.reset();
  EXPECT_EQ(host_evidence(before, after).throttled_periods, std::nullopt);
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
