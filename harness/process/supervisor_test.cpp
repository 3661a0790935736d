#include "process/supervisor.h"

#include <sys/wait.h>

#include <csignal>
#include <map>

#include "process/fixture.h"

namespace poolbench::process {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SupervisorTest : public ProcessTest {};

TEST_F(SupervisorTest, ReportsEachEndOnceWithItsStatus) {
  Child& failing = start(shell("failing", "exit 3"));
  Child& killed = start(shell("killed", "kill -KILL $$"));
  std::map<Child*, Exit> ends;
  for (int i = 0; i < 2; ++i) {
    const auto end = std::get<ChildExited>(supervisor_->wait(soon()));
    ends[end.child] = end.exit;
  }
  EXPECT_EQ(to_text(ends[&failing]), "exit status 3");
  EXPECT_EQ(to_text(ends[&killed]), "killed by SIGKILL");
  EXPECT_FALSE(is_alive(failing));
  EXPECT_TRUE(std::holds_alternative<TimedOut>(supervisor_->wait(soon(0ms))));
}

TEST_F(SupervisorTest, ReportsAReadableDescriptorAndTheDeadline) {
  EXPECT_TRUE(std::holds_alternative<TimedOut>(supervisor_->wait(soon(1ms), {lines_.reading()})));
  ASSERT_EQ(::write(lines_.writing(), "x", 1), 1);
  const auto outcome = supervisor_->wait(soon(), {lines_.reading()});
  EXPECT_EQ(std::get<FdReady>(outcome).fd, lines_.reading());
}

TEST_F(SupervisorTest, ReportsAnInterruptFirstAndOnce) {
  start(shell("ended", "exit 0"));
  ::kill(::getpid(), SIGTERM);
  ASSERT_EQ(::write(lines_.writing(), "x", 1), 1);
  EXPECT_EQ(std::get<Interrupted>(supervisor_->wait(soon(), {lines_.reading()})).signal, SIGTERM);
  EXPECT_FALSE(std::holds_alternative<Interrupted>(supervisor_->wait(soon())));
  EXPECT_EQ(interrupt_.count(), 1);
}

TEST_F(SupervisorTest, WaitingForOneChildKeepsTheEndOfAnotherQueued) {
  Child& other = start(shell("other", "exit 7"));
  Child& awaited = start(shell("awaited", "exit 8"));
  EXPECT_EQ(supervisor_->wait_for(awaited, soon()).value().code, 8);
  const auto end = std::get<ChildExited>(supervisor_->wait(soon()));
  EXPECT_EQ(end.child, &other);
  EXPECT_EQ(end.exit.code, 7);
}

TEST_F(SupervisorTest, AWaitThatNamesItsChildrenIsToldOfNoOther) {
  Child& other = start(shell("other", "exit 7"));
  EXPECT_EQ(supervisor_->wait_for(other, soon()).value().code, 7);
  Child& ended = start(shell("ended", "exit 8"));
  Child& meant = start(shell("meant", "exec sleep 1000"));
  EXPECT_TRUE(std::holds_alternative<TimedOut>(supervisor_->wait(soon(200ms), {}, {&meant})));
  EXPECT_FALSE(is_alive(ended));
  EXPECT_EQ(std::get<ChildExited>(supervisor_->wait(soon(), {}, {&meant, &ended})).child, &ended);
}

TEST_F(SupervisorTest, WaitingTooLongIsAnErrorWithTheEndOfTheLog) {
  Child& child = start(shell("slow", "echo reason >&2; echo ready; exec sleep 1000"));
  EXPECT_EQ(lines_.line(), "ready");
  const auto exit = supervisor_->wait_for(child, soon(1ms));
  ASSERT_FALSE(exit.has_value());
  EXPECT_EQ(exit.error().code, base::ErrorCode::kFailed);
  EXPECT_THAT(exit.error().message, HasSubstr("slow was still running"));
  EXPECT_THAT(exit.error().message, HasSubstr("reason"));
  EXPECT_TRUE(is_alive(child));
}

TEST_F(SupervisorTest, AnInterruptEndsAWaitButNotTheCommandsOfTheTeardown) {
  Child& child = start(shell("target", "exec sleep 1000"));
  ::kill(::getpid(), SIGINT);
  const auto exit = supervisor_->wait_for(child, soon());
  ASSERT_FALSE(exit.has_value());
  EXPECT_EQ(exit.error().code, base::ErrorCode::kInterrupted);
  EXPECT_THAT(exit.error().message, HasSubstr("SIGINT"));
  EXPECT_TRUE(is_alive(child));
  EXPECT_TRUE(supervisor_->run(shell("dropdb", "exit 0"), 10s).value().ok());
}

TEST_F(SupervisorTest, RunStopsACommandAtItsLimit) {
  const auto exit = supervisor_->run(shell("initdb", "echo $$; exec sleep 1000"), 100ms);
  ASSERT_FALSE(exit.has_value());
  EXPECT_THAT(exit.error().message, HasSubstr("initdb did not end within 100ms"));
  EXPECT_FALSE(read_stat(std::stoi(lines_.line())).has_value());
}

TEST_F(SupervisorTest, RunHandsBackAFailureAsAnExit) {
  EXPECT_EQ(supervisor_->run(shell("initdb", "exit 4"), 10s).value().code, 4);
}

TEST_F(SupervisorTest, ReapsOrphansWhileWaiting) {
  start(shell("target", "(sh -c 'echo $$' &); echo; exec sleep 1000"));
  const std::string orphan = lines_.line() + lines_.line();  // the empty line may come first
  const auto stat = read_stat(std::stoi(orphan));
  ASSERT_TRUE(stat.has_value());
  EXPECT_TRUE(await_ends({{*stat}}, soon(), nullptr));
  EXPECT_TRUE(std::holds_alternative<TimedOut>(supervisor_->wait(soon(0ms))));
  EXPECT_FALSE(read_stat(stat->pid).has_value());
}

TEST_F(SupervisorTest, LeavesAloneWhatLivedBeforeIt) {
  supervisor_.reset();
  const pid_t before = ::fork();
  if (before == 0) {
    for (;;) ::pause();
  }
  supervisor_ = Supervisor::create(interrupt_, "later").value();
  EXPECT_THAT(supervisor_->stop_all(), testing::IsEmpty());
  EXPECT_TRUE(is_running(read_stat(before).value()));
  ::kill(before, SIGKILL);
  EXPECT_EQ(::waitpid(before, nullptr, 0), before);
}

TEST_F(SupervisorTest, TheEndOfTheSupervisorIsTheEndOfItsChildren) {
  start(shell("target", "echo $$; exec sleep 1000"));
  const ProcessStat process = lines_.process();
  supervisor_.reset();
  EXPECT_FALSE(is_running(process));
}

TEST_F(SupervisorTest, TellsWhenALogHasGrownTooLarge) {
  Command command = shell("target", "head -c 200 /dev/zero >&2; echo done; exec sleep 1000");
  command.max_log_bytes = 100;
  Child& child = start(command);
  EXPECT_EQ(lines_.line(), "done");
  EXPECT_TRUE(log_too_large(child));
  command.max_log_bytes = 200;
  Child& modest = start(command);  // appends: what was there before is not its fault
  EXPECT_EQ(lines_.line(), "done");
  EXPECT_FALSE(log_too_large(modest));
}

}  // namespace
}  // namespace poolbench::process
