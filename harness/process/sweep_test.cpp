#include "process/sweep.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/set_clock.h"
#include "process/fixture.h"

namespace poolbench::process {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

class SweepTest : public ProcessTest {
 protected:
  /// A process that carries `run_id` instead of the supervisor's.
  ProcessStat marked_process(const std::string& run_id) {
    start(shell("marked",
                fmt::format("POOLBENCH_RUN_ID={} exec sh -c 'echo $$; exec sleep 1000'", run_id)));
    return lines_.process();
  }
  /// Our pid, but a start time that is not ours: as if the pid had been used again.
  std::string lost_run_ = fmt::format("20250708T123456Z-{}-{}", ::getpid(), 1);
};

std::vector<pid_t> pids_of(const std::vector<Marked>& marked) {
  std::vector<pid_t> pids;
  pids.reserve(marked.size());
  for (const Marked& one : marked) pids.push_back(one.process.pid);
  return pids;
}

TEST_F(SweepTest, EndsWhatALostRunLeftAndNothingOfALiveOne) {
  const ProcessStat lost = marked_process(lost_run_);
  const ProcessStat live = marked_process(supervisor_->run_id());
  EXPECT_THAT(pids_of(sweep_lost(supervisor_->run_id()).ended), IsEmpty());
  const Swept swept = sweep_lost(lost_run_);
  EXPECT_THAT(pids_of(swept.ended), ElementsAre(lost.pid));
  EXPECT_THAT(swept.ended.at(0).command_line, testing::HasSubstr("sleep 1000"));
  EXPECT_THAT(swept.still_alive, IsEmpty());
  EXPECT_FALSE(is_running(lost));
  EXPECT_TRUE(is_running(live));
}

TEST_F(SweepTest, LeavesAnIdThatItCannotReadAlone) {
  const ProcessStat foreign = marked_process("somebody-elses");
  EXPECT_THAT(sweep_lost("somebody-elses").ended, IsEmpty());
  EXPECT_TRUE(is_running(foreign));
}

TEST_F(SweepTest, FindsAlsoChildrenThatHideTheMark) {
  start(shell(
      "marked",
      fmt::format(
          "POOLBENCH_RUN_ID={} exec sh -c 'env -i sh -c \"echo \\$\\$; exec sleep 1000\" & wait'",
          lost_run_)));
  const ProcessStat hidden = lines_.process();
  EXPECT_THAT(pids_of(find_marked(lost_run_)), testing::Contains(hidden.pid));
}

TEST_F(SweepTest, DoesNotFindItself) {
  if (const char* outer = std::getenv("POOLBENCH_RUN_ID")) {
    // Now we are a marked process ourselves, below the one of the lines after this block.
    EXPECT_THAT(find_marked(outer), IsEmpty());
    return;
  }
  Command again = shell("again", "");
  again.argv = {"/proc/self/exe", "--gtest_filter=SweepTest.DoesNotFindItself"};
  again.argv[0] = std::filesystem::read_symlink(again.argv[0]).string();
  const auto exit = supervisor_->run(again, std::chrono::seconds(30));
  EXPECT_TRUE(exit.value().ok());
}

TEST_F(SweepTest, ARunIdTellsWhetherItsRunIsAlive) {
  base::SetClock clock;
  clock.utc = base::UtcTime(std::chrono::seconds(1751978096));
  const std::string id = make_run_id(clock);
  EXPECT_THAT(id, StartsWith(fmt::format("20250708T123456Z-{}-", ::getpid())));
  EXPECT_EQ(state_of_run(id), RunState::kAlive);
  EXPECT_EQ(state_of_run(id + "1"), RunState::kLost);
  EXPECT_EQ(state_of_run("20250708T123456Z-2147483647-1"), RunState::kLost);
  for (const char* text : {"", "run", "a-b-c", "x-1-", "x--1", "x-0-1", "x-1-1y"}) {
    EXPECT_EQ(state_of_run(text), RunState::kUnknown) << text;
  }
}

}  // namespace
}  // namespace poolbench::process
