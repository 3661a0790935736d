#include "run/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "run/pilots.h"
#include "run/plan.h"

namespace poolbench::run {
namespace {

using testing::ElementsAre;

scenario::Scenario scenario_with(std::size_t cells, int blocks) {
  scenario::Scenario scenario;
  scenario.cells.resize(cells);
  scenario.design.blocks = blocks;
  return scenario;
}

scenario::Scenario with_precision(double precision) {
  auto scenario = scenario_with(2, 10);
  scenario.design.precision = precision;
  return scenario;
}

std::optional<double> no_width() { return std::nullopt; }

/// A machine that disturbs some trials, by number.
using Disturbed = std::set<int>;

/// Runs everything; returns the block of each trial.
std::vector<int> run_all(Schedule& schedule, const Disturbed& disturbed = {}) {
  std::vector<int> blocks;
  while (const auto trial = schedule.next()) {
    const auto left = schedule.outlook().left;
    EXPECT_GT(left, 0U);
    schedule.finished(disturbed.contains(static_cast<int>(blocks.size())));
    blocks.push_back(trial->block);
  }
  return blocks;
}

TEST(Schedule, RunsEveryCellOnceInEachBlockInThePlannedOrder) {
  const auto scenario = scenario_with(3, 4);
  Schedule schedule(scenario, 7, no_width);
  for (int block = 0; block < 4; ++block) {
    const auto order = block_order(7, block, 3);
    for (int position = 0; position < 3; ++position) {
      const auto trial = schedule.next();
      ASSERT_TRUE(trial.has_value());
      EXPECT_EQ(trial->block, block);
      EXPECT_EQ(trial->position, position);
      EXPECT_EQ(trial->cell, order[static_cast<std::size_t>(position)]);
      schedule.finished(false);
    }
  }
  EXPECT_FALSE(schedule.next().has_value());
  EXPECT_EQ(schedule.blocks_completed(), 4);
  EXPECT_EQ(schedule.stopped(), "blocks");
}

TEST(Schedule, ADisturbedTrialRunsAgainAtOnceInItsPlace) {
  const auto scenario = scenario_with(3, 8);
  Schedule schedule(scenario, 7, no_width);
  const auto blocks = run_all(schedule, {4});  // the second of block 1
  EXPECT_EQ(std::count(blocks.begin(), blocks.end(), 1), 4);
  EXPECT_EQ(blocks.size(), 25U);
  EXPECT_EQ(blocks.back(), 7);
  EXPECT_EQ(schedule.rerun(), 1U);
  EXPECT_EQ(schedule.blocks_completed(), 8);
}

TEST(Schedule, ATrialRunsAgainTwiceAtMost) {
  const auto scenario = scenario_with(2, 1);
  Schedule schedule(scenario, 7, no_width);
  std::vector<std::pair<std::size_t, int>> run;  // cells and attempts
  while (const auto trial = schedule.next()) {
    EXPECT_EQ(trial->position, run.size() < 3 ? 0 : 1);
    run.emplace_back(trial->cell, trial->attempt);
    schedule.finished(trial->position == 0);
  }
  const auto order = block_order(7, 0, 2);
  EXPECT_THAT(run, ElementsAre(std::pair(order[0], 0), std::pair(order[0], 1),
                               std::pair(order[0], 2), std::pair(order[1], 0)));
  EXPECT_EQ(schedule.rerun(), 2U);
  EXPECT_EQ(schedule.blocks_completed(), 1);
}

TEST(Schedule, OfTrialsThatRunTogetherTheWholeBlockRunsAgain) {
  const auto scenario = scenario_with(3, 2);
  Schedule schedule(scenario, 7, no_width);
  for (const int attempt : {0, 1, 2}) {
    EXPECT_EQ(schedule.next()->attempt, attempt);
    const auto trials = schedule.rest_of_block();
    ASSERT_EQ(trials.size(), 3U);
    EXPECT_EQ(trials.back().attempt, attempt);
    schedule.finished(true, 3);
  }
  EXPECT_EQ(schedule.next()->block, 1);
  EXPECT_EQ(schedule.rerun(), 6U);
  EXPECT_EQ(schedule.blocks_completed(), 1);
}

TEST(Schedule, EndsWhenItIsTold) {
  const auto scenario = scenario_with(2, 3);
  Schedule schedule(scenario, 7, no_width);
  static_cast<void>(schedule.next());
  schedule.finished(false);
  schedule.end("max_time");
  EXPECT_FALSE(schedule.next().has_value());
  EXPECT_EQ(schedule.stopped(), "max_time");
  EXPECT_EQ(schedule.blocks_completed(), 0);
  EXPECT_EQ(schedule.outlook().left, 5U);
}

TEST(Schedule, PilotsComeFirstForTheCellsThatNeedThem) {
  auto scenario = scenario_with(3, 1);
  scenario.cells[0].load.warmup_by_pilots = true;
  scenario.cells[2].load.warmup_by_pilots = true;
  Schedule schedule(scenario, 7, no_width);
  for (const std::size_t cell : {0U, 2U}) {
    const auto pilot = schedule.next();
    ASSERT_TRUE(pilot->pilot);
    EXPECT_EQ(pilot->cell, cell);
    schedule.finished(true);  // that does no harm: a pilot is in no estimate
  }
  EXPECT_FALSE(schedule.next()->pilot);
  run_all(schedule);
  EXPECT_EQ(schedule.rerun(), 0U);
  EXPECT_EQ(schedule.outlook().done, 5U);
}

TEST(Schedule, PrecisionAddsTwoBlocksAtATimeUntilIntervalsAreNarrowEnough) {
  const auto scenario = with_precision(0.02);
  std::vector<int> asked_after;
  Schedule* self = nullptr;
  Schedule schedule(scenario, 7, [&]() -> std::optional<double> {
    asked_after.push_back(self->blocks_completed());
    return self->blocks_completed() < 14 ? 0.03 : 0.019;
  });
  self = &schedule;
  run_all(schedule);
  EXPECT_THAT(asked_after, ElementsAre(10, 12, 14));
  EXPECT_EQ(schedule.blocks_completed(), 14);
  EXPECT_EQ(schedule.blocks_planned(), 14);
  EXPECT_EQ(schedule.stopped(), "precision");
  EXPECT_EQ(schedule.half_width(), 0.019);
}

TEST(Schedule, PrecisionEndsAtTheMostBlocks) {
  auto scenario = with_precision(0.02);
  scenario.design.max_blocks = 13;
  Schedule schedule(scenario, 7, no_width);
  run_all(schedule);
  EXPECT_EQ(schedule.blocks_completed(), 13);
  EXPECT_EQ(schedule.stopped(), "max_blocks");
}

TEST(Schedule, TheOutlookCountsWhatIsLeft) {
  auto scenario = scenario_with(2, 3);
  scenario.cells[1].load.warmup_by_pilots = true;
  Schedule schedule(scenario, 7, no_width);
  static_cast<void>(schedule.next());
  EXPECT_EQ(schedule.outlook().left, 7U);
  EXPECT_EQ(schedule.outlook().time, estimate(scenario).least);
  schedule.finished(false);
  static_cast<void>(schedule.next());
  schedule.finished(true);
  static_cast<void>(schedule.next());
  EXPECT_EQ(schedule.outlook().done, 2U);
  EXPECT_EQ(schedule.outlook().left, 6U) << "the disturbed one runs again";
  EXPECT_EQ(schedule.outlook().blocks, 3);
}

TEST(Schedule, ACellThatIsLeftOutIsInNoLaterBlock) {
  const auto scenario = scenario_with(2, 3);
  Schedule schedule(scenario, 7, no_width);
  const auto first = schedule.next();
  schedule.finished(false);
  schedule.leave_out(first->cell);
  static_cast<void>(schedule.next());
  EXPECT_EQ(schedule.outlook().left, 3U);
  EXPECT_THAT(run_all(schedule), ElementsAre(0, 1, 2));
  EXPECT_EQ(schedule.blocks_completed(), 3);
}

TEST(Schedule, EndsWhenEveryCellIsLeftOut) {
  const auto scenario = scenario_with(1, 3);
  Schedule schedule(scenario, 7, no_width);
  static_cast<void>(schedule.next());
  schedule.leave_out(0);
  schedule.finished(false);
  EXPECT_FALSE(schedule.next().has_value());
}

TEST(Schedule, HandsOutTheWholeBlockForTrialsThatRunTogether) {
  const auto scenario = scenario_with(3, 2);
  Schedule schedule(scenario, 7, no_width);
  for (int block = 0; block < 2; ++block) {
    ASSERT_TRUE(schedule.next().has_value());
    std::vector<std::size_t> cells;
    for (const PlannedTrial& trial : schedule.rest_of_block()) {
      EXPECT_EQ(trial.block, block);
      EXPECT_EQ(trial.position, static_cast<int>(cells.size()));
      cells.push_back(trial.cell);
    }
    EXPECT_EQ(cells, block_order(7, block, 3));
    EXPECT_EQ(schedule.block_after(),
              block == 0 ? block_order(7, 1, 3) : std::vector<std::size_t>{});
    schedule.finished(false, 3);
  }
  EXPECT_FALSE(schedule.next().has_value());
  EXPECT_EQ(schedule.blocks_completed(), 2);
}

TEST(Schedule, KnowsTheCellThatComesNext) {
  const auto scenario = scenario_with(3, 2);
  Schedule schedule(scenario, 7, no_width);
  std::optional<std::size_t> expected;
  int trials = 0;
  while (const auto trial = schedule.next()) {
    EXPECT_EQ(trial->cell, expected.value_or(trial->cell));
    ++trials;
    expected = schedule.cell_after();
    schedule.finished(false);
  }
  EXPECT_EQ(trials, 6);
  EXPECT_EQ(expected, std::nullopt);
}

}  // namespace
}  // namespace poolbench::run
