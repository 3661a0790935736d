#include "run/attempts.h"

#include <gmock/gmock.h>

namespace poolbench::run {
namespace {

using testing::ElementsAre;

Disturbance mild(double severity) { return {false, severity}; }

/// Two cells whose trials end one after the other, or together.
class AttemptsTest : public ::testing::Test {
 protected:
  void end(const std::vector<PlannedTrial>& trials, const Disturbance& worst) {
    for (const PlannedTrial& planned : trials) {
      report::Trial trial;
      trial.block = planned.block;
      trial.attempt = planned.attempt;
      trial.disturbed = static_cast<bool>(worst);
      trial.status = worst.spoils ? report::TrialStatus::kInvalid : report::TrialStatus::kOk;
      if (trial.disturbed) trial.reasons = {"steal"};
      cells_[planned.cell].trials.push_back(trial);
    }
    attempts_.ended(trials, worst);
  }

  [[nodiscard]] std::vector<std::string> statuses(std::size_t cell = 0) const {
    std::vector<std::string> statuses;
    for (const auto& trial : cells_[cell].trials)
      statuses.emplace_back(report::word_of(trial.status));
    return statuses;
  }

  static PlannedTrial trial(int block, std::size_t cell, int attempt) {
    return {.block = block, .position = 0, .cell = cell, .pilot = false, .attempt = attempt};
  }

  std::vector<report::CellReport> cells_{2};
  Attempts attempts_{cells_};
};

TEST_F(AttemptsTest, AGoodTrialTakesThePlaceOfADisturbedOne) {
  end({trial(0, 0, 0)}, {});
  end({trial(1, 0, 0)}, mild(3));
  EXPECT_THAT(statuses(), ElementsAre("ok", "ok")) << "it stays if nothing follows";
  end({trial(1, 0, 1)}, {});
  EXPECT_THAT(statuses(), ElementsAre("ok", "superseded", "ok"));
  EXPECT_FALSE(cells_[0].trials.back().disturbed);
}

TEST_F(AttemptsTest, TheLeastDisturbedOfThreeStays) {
  const auto of = [&](double first, double second, double third) {
    cells_[0].trials.clear();
    end({trial(0, 0, 0)}, mild(first));
    end({trial(0, 0, 1)}, mild(second));
    end({trial(0, 0, 2)}, mild(third));
    return statuses();
  };
  EXPECT_THAT(of(3, 5, 4), ElementsAre("ok", "superseded", "superseded"));
  EXPECT_THAT(of(5, 3, 4), ElementsAre("superseded", "ok", "superseded"));
  EXPECT_THAT(of(5, 4, 3), ElementsAre("superseded", "superseded", "ok"));
  EXPECT_THAT(of(3, 3, 3), ElementsAre("ok", "superseded", "superseded"));
}

TEST_F(AttemptsTest, WhatSpoilsATrialIsWorseThanAnythingElse) {
  end({trial(0, 0, 0)}, {true, 2});
  end({trial(0, 0, 1)}, mild(50));
  end({trial(0, 0, 2)}, {true, 11});
  EXPECT_THAT(statuses(), ElementsAre("superseded", "ok", "superseded"));
}

TEST_F(AttemptsTest, ASpoiltTrialStaysInvalidWhereNoneWasBetter) {
  end({trial(0, 0, 0)}, {true, 12});
  end({trial(0, 0, 1)}, {true, 11});
  EXPECT_THAT(statuses(), ElementsAre("superseded", "invalid"));
}

TEST_F(AttemptsTest, TrialsOfABlockInTurnsStayOrGoTogether) {
  end({trial(0, 0, 0), trial(0, 1, 0)}, mild(2));
  cells_[1].trials[0].disturbed = false;
  cells_[1].trials[0].reasons.clear();
  end({trial(0, 0, 1), trial(0, 1, 1)}, {});
  for (const std::size_t cell : {0U, 1U}) {
    EXPECT_THAT(statuses(cell), ElementsAre("superseded", "ok"));
  }
  EXPECT_THAT(cells_[1].trials[0].reasons,
              ElementsAre("the machine disturbed another of its block"));
}

TEST_F(AttemptsTest, ErrorsAreNotRunAway) {
  end({trial(0, 0, 0), trial(0, 1, 0)}, mild(2));
  cells_[1].trials[0].disturbed = false;
  cells_[1].trials[0].status = report::TrialStatus::kFailed;
  end({trial(0, 0, 1), trial(0, 1, 1)}, {});
  EXPECT_THAT(statuses(1), ElementsAre("failed", "ok"));
}

}  // namespace
}  // namespace poolbench::run
