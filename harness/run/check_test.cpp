#include "run/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "process/sweep.h"
#include "run/fixture.h"
#include "run/resources.h"

namespace poolbench::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

/// Starts nothing: "a" answers, "b" dies at its start, and "c" answers without its database.
struct FakeAnswers final : BlockRunner {
  base::Result<void> prepare(report::Environment&, const scenario::Cell& first) override {
    if (!preparation) return preparation;
    EXPECT_EQ(first.id, "a");
    return {};
  }
  base::Result<BlockOutcome> run_block(std::vector<TrialSpec> trials,
                                       const std::vector<const scenario::Cell*>& next) override {
    BlockOutcome outcome;
    for (const TrialSpec& spec : trials) {
      TrialOutcome& trial = outcome.trials.emplace_back();
      if (spec.cell.id != "b") trial.verified = {1.5, {{"page", "GET /", 200, "hello"}}};
      if (spec.cell.id != "a") {
        trial.trial.status = report::TrialStatus::kFailed;
        trial.trial.reasons = {spec.cell.id + " failed"};
      }
      EXPECT_TRUE(spec.only_verified);
      EXPECT_TRUE(std::filesystem::is_directory(spec.folder));
      order.push_back(spec.cell.id + (next.empty() ? "" : " before " + next.front()->id));
    }
    outcome.interrupted = is_interrupted;
    return outcome;
  }
  std::vector<std::string> close() override {
    ++closed;
    return {"something was left behind"};
  }

  base::Result<void> preparation;
  bool is_interrupted = false;
  std::vector<std::string> order;
  int closed = 0;
};

class CheckTest : public testing::Test {
 protected:
  base::Result<CheckResult> check() {
    const auto folder = RunFolder::create_temporary(process::make_run_id(base::SystemClock{}));
    EXPECT_TRUE(folder) << folder.error().message;
    scenario_.cells.resize(3);
    for (std::size_t i = 0; i < 3; ++i) scenario_.cells[i].id = std::string(1, "abc"[i]);
    auto result = check_in(*folder, scenario_, blocks_, observer_);
    EXPECT_EQ(blocks_.closed, 1);
    return result;
  }

  scenario::Scenario scenario_;
  FakeAnswers blocks_;
  KeepingObserver observer_;
};

TEST_F(CheckTest, StartsEachCellOnceInTheScenariosOrder) {
  const auto result = check();
  ASSERT_TRUE(result);
  EXPECT_THAT(blocks_.order, ElementsAre("a before b", "b before c", "c"));
  EXPECT_THAT(observer_.notes,
              ElementsAre(HasSubstr("1 of 3"), HasSubstr("2 of 3"), HasSubstr("3 of 3")));
  ASSERT_THAT(result->cells, SizeIs(3));
  EXPECT_EQ(result->cells[0].verified->answers.front().body, "hello");
  EXPECT_EQ(result->cells[0].failure, "");
  EXPECT_EQ(result->cells[1].failure, "b failed");
  EXPECT_THAT(result->warnings, ElementsAre("something was left behind"));
}

TEST_F(CheckTest, AnAnswerDoesNotOutweighWhatIsWrong) {
  const auto result = check();
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->cells[2].verified);
  EXPECT_EQ(result->cells[2].failure, "c failed");
}

TEST_F(CheckTest, WhatCannotBePreparedEndsIt) {
  blocks_.preparation = base::failed("there are no wheels today");
  const auto result = check();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "there are no wheels today");
}

TEST_F(CheckTest, AnInterruptEndsIt) {
  blocks_.is_interrupted = true;
  const auto result = check();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::kInterrupted);
  EXPECT_THAT(blocks_.order, SizeIs(1));
}

}  // namespace
}  // namespace poolbench::run
