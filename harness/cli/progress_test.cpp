#include "cli/progress.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/set_clock.h"

namespace poolbench::cli {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using std::chrono_literals::operator""s;

run::TrialSpec trial_of(const std::string& cell, int block = 0) {
  run::TrialSpec trial;
  trial.cell.id = cell;
  trial.cell.load.measure = 10s;
  trial.block = block;
  return trial;
}

std::string told(Progress& progress, const std::string& reason = "why") {
  testing::internal::CaptureStderr();
  report::Trial trial;
  trial.status = report::TrialStatus::kInvalid;
  trial.reasons = {reason};
  progress.trial_finished(trial);
  return testing::internal::GetCapturedStderr();
}

TEST(Progress, TellsATrialsResultAndWhatIsLeft) {
  base::SetClock clock;
  Progress progress(clock, false, false);
  const run::Outlook outlook{.done = 4, .left = 2, .blocks = 3, .time = 60s};
  progress.trial_started(trial_of("pool=none", 2), outlook);
  clock.now += 20s;
  EXPECT_THAT(told(progress), HasSubstr("[5/6] block 3/3  pool=none  invalid: why"));
}

TEST(Progress, TellsTheEndOfALogOnceForACell) {
  base::SetClock clock;
  Progress progress(clock, false, false);
  for (const bool first : {true, false}) {
    progress.trial_started(trial_of("pool=none"), {});
    const std::string text =
        told(progress, fmt::format("failed: {0}; the first: {1}\n  its log ends:\n    Traceback",
                                   first ? 500 : 499, first ? "/a?nonce=fce" : "/a?nonce=bad"));
    EXPECT_THAT(text, HasSubstr("invalid: failed: "));
    EXPECT_EQ(text.find("Traceback") != std::string::npos, first);
  }
}

TEST(Progress, KeepsTextFromOutsideFromSteeringTheTerminal) {
  base::SetClock clock;
  Progress progress(clock, false, false);
  progress.trial_started(trial_of("a\033[2Jb"), {});
  EXPECT_THAT(told(progress, "\033]0;mine\007\xFF"), HasSubstr("a [2Jb  invalid:  ]0;mine \uFFFD"));
  testing::internal::CaptureStderr();
  progress.note("\033c");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "poolbench:  c\n");
}

TEST(Progress, OfTrialsInTurnsTheFirstToldHasTimeLeftToo) {
  base::SetClock clock;
  Progress progress(clock, false, false);
  const run::Outlook outlook{.done = 0, .left = 4, .blocks = 2, .time = 60s};
  progress.trial_started(trial_of("first"), outlook);
  progress.trial_started(trial_of("second"), outlook);
  clock.now += 30s;
  EXPECT_THAT(told(progress), ContainsRegex(R"(\[1/4\].*first.*\([1-9].* left\))"));
  EXPECT_THAT(told(progress), ContainsRegex(R"(\[2/4\].*second.*\([1-9].* left\))"));
}

}  // namespace
}  // namespace poolbench::cli
