#include <csignal>

#include "process/fixture.h"

namespace poolbench::process {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class EndingTest : public ProcessTest {};

// In these scripts `wait` takes a trapped signal at any moment, which a foreground command does
// not, and each process is in place when its line is read.

TEST_F(EndingTest, AServiceThatStopsOnItsSignalIsNotWorthAWord) {
  // A shell lets its background commands ignore INT; env takes that back.
  Command command = shell("postgres",
                          "trap 'echo stopped; exit' INT; env --default-signal=INT "
                          "sh -c 'echo ready; exec sleep 1000' & wait");
  command.stop.signal = SIGINT;
  Child& child = start(command);
  EXPECT_EQ(lines_.line(), "ready");
  EXPECT_THAT(supervisor_->stop(child), IsEmpty());
  EXPECT_EQ(lines_.line(), "stopped");
  EXPECT_FALSE(is_alive(child));
  EXPECT_THAT(supervisor_->stop(child), IsEmpty());
  EXPECT_TRUE(std::holds_alternative<TimedOut>(supervisor_->wait(soon(0ms))));
}

TEST_F(EndingTest, KillsAServiceThatIgnoresItsSignalAndSaysSo) {
  Command command = shell("stubborn", "trap '' TERM; echo $$; while :; do sleep 1000; done");
  command.stop.grace = 50ms;
  Child& child = start(command);
  const ProcessStat process = lines_.process();
  EXPECT_THAT(supervisor_->stop(child),
              ElementsAre("stubborn did not stop within 50ms of SIGTERM and was killed"));
  EXPECT_FALSE(is_running(process));
}

TEST_F(EndingTest, WorkersMayUseTheGraceAfterTheirLeaderEnded) {
  Child& child = start(shell("target",
                             "sh -c 'echo $$; trap \"sleep 0.5; exit\" TERM; "
                             "sh -c \"echo ready; exec sleep 1000\" & wait' & wait"));
  const ProcessStat worker = lines_.process();
  EXPECT_EQ(lines_.line(), "ready");
  EXPECT_THAT(supervisor_->stop(child), IsEmpty());
  EXPECT_FALSE(is_running(worker));
}

TEST_F(EndingTest, FindsAGrandchildThatLeftTheGroup) {
  Child& child = start(shell("target", "setsid sh -c 'echo $$; exec sleep 1000' & wait"));
  const ProcessStat escaped = lines_.process();
  ASSERT_NE(escaped.group, pid_of(child));
  EXPECT_THAT(supervisor_->stop(child), ElementsAre(AllOf(HasSubstr("target left 1 process behind"),
                                                          HasSubstr("sleep 1000"))));
  EXPECT_FALSE(is_running(escaped));
}

TEST_F(EndingTest, FindsADaemonByItsMark) {
  Child& other = start(shell("other", "exec sleep 1000"));
  Child& child =
      start(shell("target", "setsid -f sh -c 'echo $$; exec sleep 1000'; exec sleep 1000"));
  const ProcessStat daemon = lines_.process();
  EXPECT_THAT(supervisor_->stop(other), IsEmpty());
  EXPECT_TRUE(is_running(daemon));
  EXPECT_THAT(supervisor_->stop(child), ElementsAre(HasSubstr("left 1 process behind")));
  EXPECT_FALSE(is_running(daemon));
  EXPECT_FALSE(read_stat(daemon.pid).has_value());
}

TEST_F(EndingTest, EndsADaemonThatHidesItsOriginAfterAllServices) {
  Child& child =
      start(shell("target", "env -i setsid -f sh -c 'echo $$; exec sleep 1000'; exec sleep 1000"));
  const ProcessStat daemon = lines_.process();
  EXPECT_THAT(supervisor_->stop(child), IsEmpty());
  EXPECT_TRUE(is_running(daemon));
  EXPECT_THAT(supervisor_->stop_all(), ElementsAre(HasSubstr("left 1 process behind")));
  EXPECT_FALSE(read_stat(daemon.pid).has_value());
}

TEST_F(EndingTest, EndsWhatAServiceThatCrashedLeftBehind) {
  Child& child = start(shell(
      "target", "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 1000; done' & wait"));
  const ProcessStat escaped = lines_.process();
  ::kill(pid_of(child), SIGKILL);
  EXPECT_EQ(std::get<ChildExited>(supervisor_->wait(soon())).exit.signal, SIGKILL);
  EXPECT_TRUE(read_stat(pid_of(child)).has_value()) << "its pid could be used again already";
  EXPECT_THAT(supervisor_->stop(child), ElementsAre(HasSubstr("behind")));
  EXPECT_FALSE(is_running(escaped));
}

TEST_F(EndingTest, StopsServicesInReverseOrder) {
  const std::string script =
      "trap 'echo $0; exit' TERM; sh -c 'echo ready; exec sleep 1000' & wait";
  for (const char* name : {"postgres", "pgbouncer", "target"}) {
    Command command = shell(name, script);
    command.argv.emplace_back(name);
    start(command);
    EXPECT_EQ(lines_.line(), "ready");
  }
  EXPECT_THAT(supervisor_->stop_all(), IsEmpty());
  EXPECT_EQ(lines_.line(), "target");
  EXPECT_EQ(lines_.line(), "pgbouncer");
  EXPECT_EQ(lines_.line(), "postgres");
}

TEST_F(EndingTest, OneInterruptLeavesTheGraceAndTheSecondKillsAllGroups) {
  // Asked to stop, it interrupts us itself: a signal that arrives in the middle of stop().
  const std::string script =
      "trap 'kill -INT $PPID' TERM; echo $$; while :; do sleep 1000 & wait; done";
  std::vector<ProcessStat> processes;
  for (const char* name : {"first", "second"}) {
    Command command = shell(name, script);
    command.stop.grace = 30s;
    start(command);
    processes.push_back(lines_.process());
  }
  ::kill(::getpid(), SIGTERM);
  EXPECT_TRUE(std::holds_alternative<Interrupted>(supervisor_->wait(soon())));
  EXPECT_THAT(supervisor_->stop_all(), ElementsAre("second was killed at once: second interrupt"));
  EXPECT_FALSE(is_running(processes[0]));
  EXPECT_FALSE(is_running(processes[1]));
  EXPECT_EQ(interrupt_.first(), SIGTERM);
}

TEST_F(EndingTest, StopsProcessesOfAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Command command =
      shell("postgres", "setsid -f sh -c 'echo $$; exec sleep 1000'; exec sleep 1000");
  command.run_as = "nobody";
  command.stop.signal = SIGINT;
  Child& child = start(command);
  const ProcessStat daemon = lines_.process();
  EXPECT_THAT(supervisor_->stop(child), ElementsAre(HasSubstr("left 1 process behind")));
  EXPECT_FALSE(is_running(daemon));
}

}  // namespace
}  // namespace poolbench::process
