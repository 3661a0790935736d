#include "doctor/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "doctor/texts.h"

namespace poolbench::doctor {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A quiet machine on which everything is there, with a root of its own for each test.
class ChecksTest : public testing::Test {
 protected:
  ChecksTest() {
    machine_.root = root_;
    machine_.cpus = 4;
    machine_.watched.steal_ratio = 0.001;
    machine_.watched.cpu_busy_ratio = 0.02;
    machine_.watched.swapped_bytes = 0;
    machine_.open_files = {1024, 524288};
    machine_.scratch = {"/tmp", "/tmp", "", 10 * kGiB};
    machine_.cache = {"/home/me/.cache/poolbench", "/home/me", "", 10 * kGiB};
    machine_.results = {"results/runs", "/srv", "", 10 * kGiB};
    machine_.postgres = "postgres (PostgreSQL) 17.5, /usr/lib/postgresql/17/bin";
    machine_.generators = {{"oha", true, "1.8.0"}, {"wrk", false, {}}};
    write("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n");
    write("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n");
    write("sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
    write("sys/fs/cgroup/cpu.max", "max 100000\n");
    write("proc/self/cgroup", "0::/\n");
    write("proc/meminfo", "MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable: 8388608 kB\n");
    write("proc/swaps", "Filename Type Size Used Priority\n");
    write("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
    write("proc/sys/net/core/somaxconn", "4096\n");
  }

  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories((machine_.root / file).parent_path());
    ASSERT_TRUE(base::write_file_atomically(machine_.root / file, text));
  }
  void remove(const fs::path& file) const { fs::remove_all(machine_.root / file); }

  /// That this check, and no other, is not ok.
  void expect_only(std::string_view name, State state, const std::string& text,
                   const std::string& next = {}) const {
    for (const Check& check : checks()) {
      const Verdict verdict = check.look(machine_);
      if (check.name != name) {
        EXPECT_EQ(verdict.state, State::kOk) << check.name << ": " << verdict.text;
        EXPECT_EQ(verdict.next, "") << check.name;
        continue;
      }
      EXPECT_EQ(verdict.state, state) << verdict.text;
      EXPECT_THAT(verdict.text, HasSubstr(text));
      EXPECT_THAT(verdict.next, HasSubstr(next));
      EXPECT_EQ(verdict.next.empty(), state == State::kNotKnown || state == State::kOk);
    }
  }

  base::TemporaryFolder root_;
  Machine machine_;
};

TEST_F(ChecksTest, AQuietMachineIsOkThroughout) {
  expect_only("generators", State::kOk, "native, oha 1.8.0 (tools/setup --generators wrk");
}

TEST_F(ChecksTest, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Check& check : checks()) EXPECT_TRUE(names.insert(check.name).second) << check.name;
}

TEST_F(ChecksTest, OneProcessorWithAnotherGovernorIsEnough) {
  write("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n");
  expect_only("cpu_governor", State::kAdvice, "powersave", "cpupower frequency-set -g performance");
}

TEST_F(ChecksTest, WhatTheKernelDoesNotShowIsNotKnownAndNeverOk) {
  remove("sys/devices/system/cpu/cpu0");
  expect_only("cpu_governor", State::kNotKnown, "virtual machines");
}

TEST_F(ChecksTest, BoostIsReadFromEitherDriver) {
  write("sys/devices/system/cpu/intel_pstate/no_turbo", "0\n");
  expect_only("cpu_boost", State::kAdvice, "on", "echo 1 > /sys/");
  remove("sys/devices/system/cpu/intel_pstate");
  write("sys/devices/system/cpu/cpufreq/boost", "1\n");
  expect_only("cpu_boost", State::kAdvice, "on", "echo 0 > /sys/");
  remove("sys/devices/system/cpu/cpufreq");
  expect_only("cpu_boost", State::kNotKnown, "no switch");
}

TEST_F(ChecksTest, StealBeyondItsResolutionIsToldOf) {
  machine_.watched.steal_ratio = 0.03;
  expect_only("steal", State::kAdvice, "3.0 %", "design.slice");
  machine_.watched.steal_resolution_ratio = 0.02;
  expect_only("steal", State::kOk, "3.0 %");
  machine_.watched.steal_ratio.reset();
  expect_only("steal", State::kNotKnown, "/proc/stat");
}

TEST_F(ChecksTest, WorkOfOthersIsToldOf) {
  machine_.watched.cpu_busy_ratio = 0.5;
  expect_only("other_load", State::kAdvice, "50 % of 4 CPUs", "top");
}

TEST_F(ChecksTest, AQuotaBelowTheProcessorsIsToldOf) {
  write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  expect_only("cpu_quota", State::kAdvice, "1.5 of 4 CPUs", "--cpuset-cpus");
  remove("sys/fs/cgroup/cpu.max");
  expect_only("cpu_quota", State::kNotKnown, "no control group");
}

TEST_F(ChecksTest, MemoryIsTheLessOfWhatIsThereAndWhatIsAllowed) {
  write("sys/fs/cgroup/memory.max", "536870912\n");
  expect_only("memory", State::kAdvice, "512 MiB is the limit of the control group", "MemoryMax=");
  write("proc/meminfo", "MemAvailable: 102400 kB\n");
  expect_only("memory", State::kMustMend, "100 MiB available", "top");
}

TEST_F(ChecksTest, HugePagesForEverythingAreToldOf) {
  write("sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n");
  expect_only("huge_pages", State::kAdvice, "always", "echo madvise > /sys/");
}

TEST_F(ChecksTest, SwappingIsToldOfAndSoIsEagernessToSwap) {
  write("proc/swaps", "Filename Type Size Used Priority\n/swapfile file 1000 0 -2\n");
  expect_only("swapping", State::kNotKnown, "swappiness");
  write("proc/sys/vm/swappiness", "60\n");
  expect_only("swapping", State::kAdvice, "vm.swappiness = 60", "sysctl -w vm.swappiness=1");
  write("proc/sys/vm/swappiness", "1\n");
  expect_only("swapping", State::kOk, "vm.swappiness = 1");
  machine_.watched.swapped_bytes = 5 << 20;
  expect_only("swapping", State::kAdvice, "5 MiB within two seconds", "free memory");
}

TEST_F(ChecksTest, FilesAreCountedAgainstTheLoadsDefault) {
  machine_.open_files = {32, 4096};
  expect_only("open_files", State::kAdvice, "too few for 50 connections", "ulimit -n");
  machine_.open_files = {32, 32};
  expect_only("open_files", State::kMustMend, "50 connections need", "ulimit -Hn");
}

TEST_F(ChecksTest, FewPortsAndAShortBacklogAreToldOf) {
  write("proc/sys/net/ipv4/ip_local_port_range", "50000 51000\n");
  expect_only("ports", State::kAdvice, "1001 (50000 to 51000)", "sysctl -w");
  write("proc/sys/net/ipv4/ip_local_port_range", "15000 64999\n");
  write("proc/sys/net/core/somaxconn", "128\n");
  expect_only("backlog", State::kAdvice, "128", "sysctl -w net.core.somaxconn");
}

TEST_F(ChecksTest, AFolderWithoutSpaceOrThatCannotBeWrittenIsToldOf) {
  machine_.scratch.free_bytes = 10 * kMiB;
  expect_only("scratch", State::kMustMend, "10 MiB free in /tmp", "du -xh");
  machine_.scratch.free_bytes = kGiB;
  expect_only("scratch", State::kAdvice, "1.0 GiB free in /tmp", "du -xh");
  machine_.scratch.free_bytes.reset();
  expect_only("scratch", State::kNotKnown, "/tmp");
  machine_.scratch.free_bytes = 10 * kGiB;
  machine_.cache.unwritable = "/home/me: Permission denied";
  expect_only("cache", State::kAdvice, "Permission denied", "POOLBENCH_CACHE");
  machine_.cache.unwritable.clear();
  machine_.results.free_bytes = 10 * kMiB;
  expect_only("results", State::kMustMend, "free in results/runs", "du -xh -d 2 /srv");
  machine_.results.unwritable = "/: Read-only file system";
  expect_only("results", State::kMustMend, "Read-only", "--out");
}

TEST_F(ChecksTest, AMissingPostgresIsInstalledAsTheSystemDoes) {
  machine_.postgres = base::bad_input("no PostgreSQL server found", {}, "install it");
  expect_only("postgres", State::kMustMend, "no PostgreSQL server found", "install it");
  write("etc/os-release", "NAME=\"Rocky Linux\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n");
  expect_only("postgres", State::kMustMend, "no PostgreSQL", "dnf install postgresql-server");
}

TEST_F(ChecksTest, RootNeedsSomebodyToRunPostgresAs) {
  machine_.is_root = true;
  expect_only("user", State::kMustMend, "neither postgres nor nobody", "useradd");
  machine_.database_user = "postgres";
  expect_only("user", State::kOk, "runs as postgres");
}

TEST_F(ChecksTest, AGeneratorThatIsAnotherProgramIsToldOf) {
  machine_.generators[0].version = base::bad_input("/usr/bin/oha is not the load generator oha");
  expect_only("generators", State::kAdvice, "is not the load generator", "list generators");
}

TEST_F(ChecksTest, DockerMayBeMissingButIsToldOfIfItDoesNotAnswer) {
  machine_.docker = {true, base::failed("docker failed")};
  expect_only("docker", State::kAdvice, "does not answer", "systemctl start docker");
  machine_.docker.server_version = "27.1.1";
  expect_only("docker", State::kOk, "27.1.1");
}

TEST_F(ChecksTest, AnotherRunAndWhatKilledOnesLeftAreToldOf) {
  machine_.measuring = "20250708T123456Z-4711-987654";
  expect_only("lock", State::kMustMend, "another poolbench is measuring (run 2025", "--wait");
  machine_.measuring = std::optional<std::string>();
  machine_.lost_folders = 2;
  expect_only("leftovers", State::kAdvice, "0 processes and 2 scratch folders", "poolbench sweep");
}

}  // namespace
}  // namespace poolbench::doctor
