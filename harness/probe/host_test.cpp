#include "probe/host.h"

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::probe {
namespace {

namespace fs = std::filesystem;
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

/// A tree of control groups in a folder of its own.
class CpuQuotaTest : public ::testing::Test {
 protected:
  void put(const std::string& group, int periods) const {
    fs::create_directories(mounts_ / group);
    const std::string text = "nr_periods 90\nnr_throttled " + std::to_string(periods) + "\n";
    ASSERT_TRUE(base::write_file_atomically(mounts_ / group / "cpu.stat", text).has_value());
  }

  base::TemporaryFolder mounts_;
};

TEST_F(CpuQuotaTest, AddsUpTheGroupsFromOursToTheMount) {
  put("system.slice", 4);
  put("system.slice/bench.service", 3);
  put("user.slice", 100);
  EXPECT_EQ(throttled_periods("0::/system.slice/bench.service\n", mounts_), 7);
}

TEST_F(CpuQuotaTest, FindsTheCpuControllerOfVersion1) {
  put("cpu/docker/a1", 5);
  EXPECT_EQ(throttled_periods("7:memory:/x\n4:cpu,cpuacct:/docker/a1\n3:cpuset:/\n", mounts_), 5);
}

TEST_F(CpuQuotaTest, LooksAtTheMountWhereAContainerDoesNotSeeItsOwnPath) {
  put("", 2);
  EXPECT_EQ(throttled_periods("0::/../outside/of/here\n", mounts_), 2);
}

TEST_F(CpuQuotaTest, KnowsNothingWithoutAnyControlGroup) {
  EXPECT_EQ(throttled_periods("0::/\n", mounts_), std::nullopt);
  EXPECT_EQ(throttled_periods("", mounts_), std::nullopt);
  EXPECT_EQ(throttled_periods("nonsense\n", mounts_), std::nullopt);
}

}  // namespace
}  // namespace poolbench::probe
