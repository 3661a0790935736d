#include "probe/cpu_quota.h"

#include <gtest/gtest.h>

#include <string>

#include "base/file.h"

namespace poolbench::probe {
namespace {

namespace fs = std::filesystem;

/// A tree of control groups in a folder of its own.
class CpuQuotaTest : public ::testing::Test {
 protected:
  ~CpuQuotaTest() override { fs::remove_all(mounts_); }

  void put(const std::string& group, int periods) const {
    fs::create_directories(mounts_ / group);
    const std::string text = "nr_periods 90\nnr_throttled " + std::to_string(periods) + "\n";
    ASSERT_TRUE(base::write_file_atomically(mounts_ / group / "cpu.stat", text).has_value());
  }

  fs::path mounts_ = [] {
    std::string name = (fs::temp_directory_path() / "poolbench-quota-XXXXXX").string();
    return fs::path(::mkdtemp(name.data()));
  }();
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
