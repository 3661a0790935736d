#include "process/interrupt.h"

#include <csignal>

#include "process/fixture.h"

namespace poolbench::process {
namespace {

class InterruptTest : public ProcessTest {};

TEST_F(InterruptTest, CountsWhatArrivesAndRemembersTheFirst) {
  EXPECT_EQ(interrupt_.poll(), 0);
  ::kill(::getpid(), SIGHUP);
  EXPECT_EQ(interrupt_.poll(), SIGHUP);
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(interrupt_.poll(), SIGHUP);
  EXPECT_EQ(interrupt_.count(), 2);
}

TEST_F(InterruptTest, DiesOfTheSignalSoThatAParentSeesTheTruth) {
  const auto interrupted_process = [] {
    Interrupt interrupt = Interrupt::install().value();
    ::kill(::getpid(), SIGTERM);
    interrupt.poll();
    interrupt.die_of_it();
  };
  EXPECT_EXIT(interrupted_process(), testing::KilledBySignal(SIGTERM), "");
}

TEST_F(InterruptTest, AnIgnoredHangUpStaysIgnored) {
  const auto under_nohup = [] {
    std::signal(SIGHUP, SIG_IGN);
    Interrupt interrupt = Interrupt::install().value();
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);  // the fixture has blocked it already
    ::kill(::getpid(), SIGHUP);
    ::_exit(interrupt.poll());
  };
  EXPECT_EXIT(under_nohup(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace poolbench::process
