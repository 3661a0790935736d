#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "base/raii.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

class MachineTest : public E2eTest {
 protected:
  static void fill_disk(const fs::path& file) {
    const base::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_TRUE(fd);
    const std::string page(4096, 'x');
    while (::write(fd.get(), page.data(), page.size()) > 0) {
    }
    ASSERT_EQ(errno, ENOSPC);
  }
};

TEST_F(MachineTest, ResultsFolderThatCannotBeMadeIsNamed) {
  std::ofstream(results()) << "a file, not a folder";
  Program program = run(ToyBench{});
  EXPECT_EQ(program.wait(), exited(3));
  EXPECT_THAT(program.err(),
              AllOf(HasSubstr("cannot make the folder " + results().string()), HasSubstr("--out")));
  expect_nothing_left(program);
}

TEST_F(MachineTest, FullDiskEndsTheRunAndKeepsTheReportWhole) {
  fs::create_directory(results());
  if (::mount("tmpfs", results().c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "cannot mount a small file system: " << std::strerror(errno);
  }
  const base::ScopeExit unmount([&] { ::umount2(results().c_str(), MNT_DETACH); });
  ToyBench bench;
  bench.measure = "2s";
  bench.blocks = 2;
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  fill_disk(results() / "filling");
  EXPECT_EQ(program.wait(), exited(3));
  EXPECT_THAT(program.err(), AllOf(HasSubstr("No space left on device"), HasSubstr("report.json")));
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_EQ(report.at("outcome"), "interrupted");
  EXPECT_THAT(statuses(report), IsEmpty());
}

TEST_F(MachineTest, PageThatCannotBeWrittenIsAWarning) {
  ToyBench bench;
  bench.measure = "2s";
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  fs::create_directories(report_file().replace_filename("report.html") / "in the way");
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  EXPECT_THAT(program.err(),
              AllOf(HasSubstr("warning: there is no page"), HasSubstr("report.html")));
  EXPECT_EQ(report().at("outcome"), "completed");
}

TEST_F(MachineTest, SecondRunAtTheSameTimeIsRefusedAndDisturbsNothing) {
  ToyBench bench;
  bench.measure = "2s";
  const auto scenario = write_toy_bench(folder_, bench);
  Program first = run(scenario);
  ASSERT_TRUE(first.says("phase: measure")) << first.err();
  Program second(folder_, {"run", scenario.string(), "--out", (folder_ / "others").string()});
  EXPECT_EQ(second.wait(), exited(3));
  EXPECT_THAT(second.err(), AllOf(HasSubstr("another poolbench is measuring on this machine"),
                                  HasSubstr(first.run_id_end() + ")")));
  EXPECT_FALSE(fs::exists(folder_ / "others"));
  EXPECT_EQ(first.wait(), exited(0)) << first.err();
  EXPECT_THAT(statuses(report()), ElementsAre("ok"));
}

TEST_F(MachineTest, SecondRunWaitsForTheFirstIfItIsTold) {
  ToyBench bench;
  bench.measure = "2s";
  const auto scenario = write_toy_bench(folder_, bench);
  Program first = run(scenario);
  ASSERT_TRUE(first.says("phase: measure")) << first.err();
  const std::string others = (folder_ / "others").string();
  Program hasty(folder_, {"run", scenario.string(), "--out", others, "--wait=100ms"});
  EXPECT_EQ(hasty.wait(), exited(3));
  EXPECT_THAT(hasty.err(), HasSubstr("another poolbench is measuring on this machine"));
  Program interrupted(folder_, {"run", scenario.string(), "--out", others, "--wait"});
  ASSERT_TRUE(interrupted.says("waiting for it")) << interrupted.err();
  interrupted.signal(SIGTERM);
  EXPECT_EQ(interrupted.wait(), killed_by(SIGTERM));
  Program patient(folder_, {"run", "--wait", scenario.string(), "--out", others});
  ASSERT_TRUE(patient.says("waiting for it")) << patient.err();
  EXPECT_EQ(first.wait(), exited(0)) << first.err();
  EXPECT_EQ(patient.wait(), exited(0)) << patient.err();
}

TEST_F(MachineTest, SweepEndsWhatAKilledRunLeft) {
  ToyBench bench;
  bench.params = "fault = \"fork-away\"";
  bench.measure = "30s";
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  program.signal(SIGKILL);
  EXPECT_EQ(program.wait(), killed_by(SIGKILL));
  EXPECT_THAT(program.live_processes_after(std::chrono::seconds(2)), testing::SizeIs(1));
  Program sweep(folder_, {"sweep"});
  EXPECT_EQ(sweep.wait(), exited(0));
  EXPECT_THAT(sweep.out(), HasSubstr("toy_server"));
  expect_nothing_left(program);
}

TEST_F(MachineTest, SweepLeavesALiveRunAlone) {
  ToyBench bench;
  bench.measure = "2s";
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  Program sweep(folder_, {"sweep"});
  EXPECT_EQ(sweep.wait(), exited(0));
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  EXPECT_THAT(statuses(report()), ElementsAre("ok"));
}

TEST_F(MachineTest, PlanStartsAndWritesNothing) {
  ToyBench bench;
  bench.more = quick_and_slow("load.connections = 3");
  Program plan(folder_, {"plan", write_toy_bench(folder_, bench).string()});
  EXPECT_EQ(plan.wait(), exited(0)) << plan.err();
  EXPECT_THAT(plan.out(),
              AllOf(HasSubstr("variant=slow"), HasSubstr("3 connections"), HasSubstr("2 trials")));
  EXPECT_FALSE(fs::exists(folder_ / "results"));
  expect_nothing_left(plan);
}

TEST_F(MachineTest, ListTellsWhatMayBeSetOfEachTarget) {
  Program list(folder_, {"list", "targets", POOLBENCH_SOURCE_DIR "/scenarios"});
  EXPECT_EQ(list.wait(), exited(0)) << list.err();
  EXPECT_THAT(list.out(), AllOf(HasSubstr("django: "), HasSubstr("conn_max_age"),
                                HasSubstr("integer, 2 unless set, from 1 to 64")));
  Program nothing(folder_, {"list", "targets", folder_.string()});
  EXPECT_EQ(nothing.wait(), exited(2));
  EXPECT_THAT(nothing.err(), HasSubstr("there are no targets here"));
}

TEST_F(MachineTest, ShowPrintsWhatTheRunPrinted) {
  Program program = run(ToyBench{});
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  Program show(folder_, {"show", report_file().parent_path().string()});
  EXPECT_EQ(show.wait(), exited(0)) << show.err();
  EXPECT_THAT(show.out(), HasSubstr("toys"));
  EXPECT_EQ(show.out(), program.out());
}

}  // namespace
}  // namespace poolbench::e2e
