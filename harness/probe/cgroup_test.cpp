#include "probe/cgroup.h"

#include <gtest/gtest.h>


#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::probe {
namespace {

namespace fs = std::filesystem;

class CgroupLimitsTest : public testing::Test {
 protected:
  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((mounts_ / file).parent_path());
    ASSERT_TRUE(base::write_file_atomically(mounts_ / file, text));
  }

  base::TemporaryFolder mounts_;
};

TEST_F(CgroupLimitsTest, AreTheLowestOfTheGroupAndThoseAbove) {
  write("a/b/cpu.max", "400000 100000\n");
  write("a/cpu.max", "150000 100000\n");
  write("a/b/memory.max", "max\n");
  write("a/memory.max", "1073741824\n");
  const CgroupLimits limits = cgroup_limits("0::/a/b\n", mounts_);
  EXPECT_EQ(limits.cpus, 1.5);
  EXPECT_EQ(limits.memory_bytes, 1073741824);
}

TEST_F(CgroupLimitsTest, AreReadInVersion1Too) {
  write("cpu/docker/cpu.cfs_quota_us", "50000\n");
  write("cpu/docker/cpu.cfs_period_us", "100000\n");
  write("cpu/cpu.cfs_quota_us", "-1\n");
  write("cpu/cpu.cfs_period_us", "100000\n");
  write("memory/docker/memory.limit_in_bytes", "9223372036854771712\n");
  const CgroupLimits limits =
      cgroup_limits("4:memory:/docker\n3:cpu,cpuacct:/docker\n2:cpuset:/\n", mounts_);
  EXPECT_EQ(limits.cpus, 0.5);
  EXPECT_TRUE(limits.memory_is_known);
  EXPECT_EQ(limits.memory_bytes, std::nullopt);
}

TEST_F(CgroupLimitsTest, AreNotKnownWhereNoGroupTells) {
  const CgroupLimits limits = cgroup_limits("0::/\n", mounts_);
  EXPECT_FALSE(limits.cpu_is_known);
  EXPECT_FALSE(limits.memory_is_known);
}

}  // namespace
}  // namespace poolbench::probe
