#include "run/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/set_clock.h"

namespace poolbench::run {
namespace {

using Disturbed = std::set<int>;
using std::chrono_literals::operator""s;
using testing::ElementsAre;

scenario::Scenario scenario_under_load(std::size_t cells, int blocks) {
  scenario::Scenario scenario;
  scenario.cells.resize(cells);
  for (scenario::Cell& cell : scenario.cells) {
    cell.load.warmup = std::chrono::seconds(1);
    cell.load.measure = std::chrono::seconds(2);
  }
  scenario.design.blocks = blocks;
  return scenario;
}

TEST(Plan, EveryBlockHoldsEveryCellOnce) {
  for (int block = 0; block < 20; ++block) {
    const auto order = block_order(1, block, 7);
    EXPECT_EQ(order.size(), 7U);
    EXPECT_EQ(std::set(order.begin(), order.end()).size(), 7U);
  }
}

TEST(Plan, ABlocksOrderIsTheSameOnEveryMachine) {
  EXPECT_EQ(block_order(20250708, 0, 5), (std::vector<std::size_t>{1, 3, 0, 4, 2}));
  EXPECT_EQ(block_order(20250708, 9, 5), (std::vector<std::size_t>{4, 2, 1, 0, 3}));
  EXPECT_NE(block_order(20250708, 0, 50), block_order(20250709, 0, 50));
  EXPECT_NE(block_order(20250708, 0, 50), block_order(20250708, 1, 50));
}

TEST(Plan, EveryCellComesFirstAboutEquallyOften) {
  std::vector<int> first(4);
  for (int block = 0; block < 4000; ++block) ++first[block_order(42, block, 4).front()];
  for (const int count : first) EXPECT_NEAR(count, 1000, 120);
}

TEST(Plan, EstimatesTheWholeRun) {
  auto scenario = scenario_under_load(2, 3);
  EXPECT_EQ(estimate(scenario).least, 6 * estimate(scenario.cells[0]));
  EXPECT_EQ(estimate(scenario).most, estimate(scenario).least);
  EXPECT_EQ(estimate(scenario).longest, 3 * estimate(scenario).least);
  // The data are made once, however often trials run again.
  const base::Duration data = std::chrono::seconds(20);
  EXPECT_EQ(estimate(scenario, data).least, data + estimate(scenario).least);
  EXPECT_EQ(estimate(scenario, data).most, data + estimate(scenario).most);
  EXPECT_EQ(estimate(scenario, data).longest, data + estimate(scenario).longest);
  scenario.design.precision = 0.02;
  scenario.design.max_blocks = 5;
  EXPECT_EQ(estimate(scenario).most, 10 * estimate(scenario.cells[0]));
  scenario.cells[1].load.warmup_by_pilots = true;
  EXPECT_EQ(estimate(scenario).least,
            6 * estimate(scenario.cells[0]) + estimate(pilot_of(scenario.cells[1])));
  EXPECT_EQ(estimate(scenario).longest,
            30 * estimate(scenario.cells[0]) + estimate(pilot_of(scenario.cells[1])));
}

TEST(Plan, APilotRunsTheCellWithoutWarmUpForTenSeconds) {
  scenario::Cell original;
  original.load.connections = 7;
  original.load.requests = 1000;
  original.load.generator = "ab";
  const auto pilot = pilot_of(original);
  EXPECT_EQ(pilot.load.connections, 7);
  EXPECT_EQ(pilot.load.measure, 10s);
  EXPECT_EQ(pilot.load.warmup, base::Duration{});
  EXPECT_EQ(pilot.load.requests, std::nullopt);
  EXPECT_EQ(pilot.load.generator, "native");
}

scenario::Scenario scenario_with(std::size_t cells, int blocks) {
  scenario::Scenario scenario;
  scenario.cells.resize(cells);
  scenario.design.blocks = blocks;
  return scenario;
}

scenario::Scenario in_turns(scenario::Scenario scenario) {
  scenario.design.slice = std::chrono::milliseconds(100);
  return scenario;
}

scenario::Scenario with_precision(double precision) {
  auto scenario = scenario_with(2, 10);
  scenario.design.precision = precision;
  return scenario;
}

/// The next trial, of those that run one by one.
std::optional<TrialSpec> next_of(Schedule& schedule, std::optional<double> half_width = {}) {
  const auto trials = schedule.next(half_width);
  EXPECT_LE(trials.size(), 1U);
  return trials.empty() ? std::nullopt : std::optional(trials.front());
}

/// A machine that disturbs some trials, by number.

/// Runs everything; returns the block of each trial.
std::vector<int> run_all(Schedule& schedule, const Disturbed& disturbed = {}) {
  std::vector<int> blocks;
  while (const auto trial = next_of(schedule)) {
    const auto left = schedule.outlook().left;
    EXPECT_GT(left, 0U);
    schedule.finished(disturbed.contains(static_cast<int>(blocks.size())));
    blocks.push_back(trial->block);
  }
  return blocks;
}

TEST(Schedule, RunsEveryCellOnceInEachBlockInThePlannedOrder) {
  const auto scenario = scenario_with(3, 4);
  Schedule schedule(scenario, 7);
  for (int block = 0; block < 4; ++block) {
    const auto order = block_order(7, block, 3);
    for (int position = 0; position < 3; ++position) {
      const auto trial = next_of(schedule);
      ASSERT_TRUE(trial.has_value());
      EXPECT_EQ(trial->block, block);
      EXPECT_EQ(trial->position, position);
      EXPECT_EQ(trial->cell_index, order[static_cast<std::size_t>(position)]);
      schedule.finished(false);
    }
  }
  EXPECT_FALSE(next_of(schedule).has_value());
  EXPECT_EQ(schedule.blocks_completed(), 4);
  EXPECT_EQ(schedule.stopped(), report::Stopped::kBlocks);
}

TEST(Schedule, ADisturbedTrialRunsAgainAtOnceInItsPlace) {
  const auto scenario = scenario_with(3, 8);
  Schedule schedule(scenario, 7);
  const auto blocks = run_all(schedule, {4});  // the second of block 1
  EXPECT_EQ(std::count(blocks.begin(), blocks.end(), 1), 4);
  EXPECT_EQ(blocks.size(), 25U);
  EXPECT_EQ(blocks.back(), 7);
  EXPECT_EQ(schedule.rerun(), 1U);
  EXPECT_EQ(schedule.blocks_completed(), 8);
}

TEST(Schedule, ATrialRunsAgainTwiceAtMost) {
  const auto scenario = scenario_with(2, 1);
  Schedule schedule(scenario, 7);
  std::vector<std::pair<std::size_t, int>> run;  // cells and attempts
  while (const auto trial = next_of(schedule)) {
    EXPECT_EQ(trial->position, run.size() < 3 ? 0 : 1);
    run.emplace_back(trial->cell_index, trial->attempt);
    schedule.finished(trial->position == 0);
  }
  const auto order = block_order(7, 0, 2);
  EXPECT_THAT(run, ElementsAre(std::pair(order[0], 0), std::pair(order[0], 1),
                               std::pair(order[0], 2), std::pair(order[1], 0)));
  EXPECT_EQ(schedule.rerun(), 2U);
  EXPECT_EQ(schedule.blocks_completed(), 1);
}

TEST(Schedule, OfTrialsThatRunTogetherTheWholeBlockRunsAgain) {
  const auto scenario = in_turns(scenario_with(3, 2));
  Schedule schedule(scenario, 7);
  for (const int attempt : {0, 1, 2}) {
    const auto trials = schedule.next();
    ASSERT_EQ(trials.size(), 3U);
    EXPECT_EQ(trials.front().attempt, attempt);
    EXPECT_EQ(trials.back().attempt, attempt);
    schedule.finished(true);
  }
  EXPECT_EQ(schedule.next().front().block, 1);
  EXPECT_EQ(schedule.rerun(), 6U);
  EXPECT_EQ(schedule.blocks_completed(), 1);
}

TEST(Schedule, EndsWhenItIsTold) {
  const auto scenario = scenario_with(2, 3);
  Schedule schedule(scenario, 7);
  static_cast<void>(next_of(schedule));
  schedule.finished(false);
  schedule.end(report::Stopped::kMaxTime);
  EXPECT_FALSE(next_of(schedule).has_value());
  EXPECT_EQ(schedule.stopped(), report::Stopped::kMaxTime);
  EXPECT_EQ(schedule.blocks_completed(), 0);
  EXPECT_EQ(schedule.outlook().left, 5U);
}

TEST(Schedule, PilotsComeFirstForTheCellsThatNeedThem) {
  auto scenario = scenario_with(3, 1);
  scenario.cells[0].load.warmup_by_pilots = true;
  scenario.cells[2].load.warmup_by_pilots = true;
  Schedule schedule(scenario, 7);
  for (const std::size_t cell : {0U, 2U}) {
    const auto pilot = next_of(schedule);
    ASSERT_TRUE(pilot->pilot);
    EXPECT_EQ(pilot->cell_index, cell);
    schedule.finished(true);  // that does no harm: a pilot is in no estimate
  }
  EXPECT_FALSE(next_of(schedule)->pilot);
  run_all(schedule);
  EXPECT_EQ(schedule.rerun(), 0U);
  EXPECT_EQ(schedule.outlook().done, 5U);
}

TEST(Schedule, PrecisionAddsTwoBlocksAtATimeUntilIntervalsAreNarrowEnough) {
  const auto scenario = with_precision(0.02);
  std::vector<int> asked_after;
  Schedule schedule(scenario, 7);
  while (true) {
    std::optional<double> half_width;
    if (schedule.needs_half_width()) {
      asked_after.push_back(schedule.blocks_completed());
      half_width = schedule.blocks_completed() < 14 ? 0.03 : 0.019;
    }
    if (!next_of(schedule, half_width)) break;
    schedule.finished(false);
  }
  EXPECT_THAT(asked_after, ElementsAre(10, 12, 14));
  EXPECT_EQ(schedule.blocks_completed(), 14);
  EXPECT_EQ(schedule.blocks_planned(), 14);
  EXPECT_EQ(schedule.stopped(), report::Stopped::kPrecision);
  EXPECT_EQ(schedule.half_width(), 0.019);
}

TEST(Schedule, TheHalfWidthDecidesAlsoWhereNoCellIsLeftForTheBlocksThatArePlanned) {
  const auto scenario = with_precision(0.02);
  Schedule schedule(scenario, 7);
  for (int trial = 0; trial < 2; ++trial) {
    EXPECT_FALSE(schedule.needs_half_width());
    static_cast<void>(next_of(schedule));
    schedule.finished(false);
  }
  for (const std::size_t cell : {0U, 1U}) schedule.leave_out(cell);
  ASSERT_TRUE(schedule.needs_half_width());
  EXPECT_FALSE(next_of(schedule, 0.01));
  EXPECT_EQ(schedule.stopped(), report::Stopped::kPrecision);
}

TEST(Schedule, PrecisionEndsAtTheMostBlocks) {
  auto scenario = with_precision(0.02);
  scenario.design.max_blocks = 13;
  Schedule schedule(scenario, 7);
  run_all(schedule);
  EXPECT_EQ(schedule.blocks_completed(), 13);
  EXPECT_EQ(schedule.stopped(), report::Stopped::kMaxBlocks);
}

TEST(Schedule, TheOutlookCountsWhatIsLeft) {
  auto scenario = scenario_with(2, 3);
  scenario.cells[1].load.warmup_by_pilots = true;
  Schedule schedule(scenario, 7);
  static_cast<void>(next_of(schedule));
  EXPECT_EQ(schedule.outlook().left, 7U);
  EXPECT_EQ(schedule.outlook().time, estimate(scenario).least);
  schedule.finished(false);
  static_cast<void>(next_of(schedule));
  schedule.finished(true);
  static_cast<void>(next_of(schedule));
  EXPECT_EQ(schedule.outlook().done, 2U);
  EXPECT_EQ(schedule.outlook().left, 6U) << "the disturbed one runs again";
  EXPECT_EQ(schedule.outlook().blocks, 3);
}

TEST(Schedule, ACellThatIsLeftOutIsInNoLaterBlock) {
  const auto scenario = scenario_with(2, 3);
  Schedule schedule(scenario, 7);
  const auto first = next_of(schedule);
  schedule.finished(false);
  schedule.leave_out(first->cell_index);
  static_cast<void>(next_of(schedule));
  EXPECT_EQ(schedule.outlook().left, 3U);
  EXPECT_THAT(run_all(schedule), ElementsAre(0, 1, 2));
  EXPECT_EQ(schedule.blocks_completed(), 3);
}

TEST(Schedule, EndsWhenEveryCellIsLeftOut) {
  const auto scenario = scenario_with(1, 3);
  Schedule schedule(scenario, 7);
  static_cast<void>(next_of(schedule));
  schedule.leave_out(0);
  schedule.finished(false);
  EXPECT_FALSE(next_of(schedule).has_value());
}

TEST(Schedule, HandsOutTheWholeBlockForTrialsThatRunTogether) {
  const auto scenario = in_turns(scenario_with(3, 2));
  Schedule schedule(scenario, 7);
  for (int block = 0; block < 2; ++block) {
    std::vector<std::size_t> cells;
    for (const TrialSpec& trial : schedule.next()) {
      EXPECT_EQ(trial.block, block);
      EXPECT_EQ(trial.position, static_cast<int>(cells.size()));
      cells.push_back(trial.cell_index);
    }
    EXPECT_EQ(cells, block_order(7, block, 3));
    EXPECT_EQ(schedule.cells_after(),
              block == 0 ? block_order(7, 1, 3) : std::vector<std::size_t>{});
    schedule.finished(false);
  }
  EXPECT_THAT(schedule.next(), testing::IsEmpty());
  EXPECT_EQ(schedule.blocks_completed(), 2);
}

TEST(Schedule, KnowsTheCellThatComesNext) {
  auto scenario = scenario_with(3, 2);
  for (scenario::Cell& cell : scenario.cells) cell.load.warmup_by_pilots = true;
  Schedule schedule(scenario, 7);
  std::optional<std::vector<std::size_t>> expected;
  int trials = 0;
  while (const auto trial = next_of(schedule)) {
    EXPECT_EQ(expected.value_or(std::vector{trial->cell_index}), std::vector{trial->cell_index});
    ++trials;
    expected = schedule.cells_after();
    schedule.finished(false);
  }
  EXPECT_EQ(trials, 9);
  EXPECT_THAT(expected.value(), testing::IsEmpty());
}

TEST(TimeLimit, AllowsEverythingWhereThereIsNone) {
  base::SetClock clock;
  const TimeLimit limit(clock, std::nullopt);
  clock.now += 1000000s;
  EXPECT_TRUE(limit.allows(1000000s));
  EXPECT_EQ(limit.left(), std::nullopt);
}

TEST(TimeLimit, AllowsWhatEndsInTime) {
  base::SetClock clock;
  const TimeLimit limit(clock, 60s);
  clock.now += 50s;
  EXPECT_TRUE(limit.allows(10s));
  EXPECT_FALSE(limit.allows(11s));
  clock.now += 20s;
  EXPECT_EQ(limit.left(), 0s);
  EXPECT_FALSE(limit.allows(1s));
}

TEST(TimeLimit, GoesByThePaceSoFarButNeverHopes) {
  base::SetClock clock;
  TimeLimit slow(clock, 60s), quick(clock, 60s);
  slow.took(20s, 10s);
  EXPECT_TRUE(slow.allows(30s));
  EXPECT_FALSE(slow.allows(31s));
  quick.took(5s, 10s);
  EXPECT_TRUE(quick.allows(60s));
  EXPECT_FALSE(quick.allows(61s));
}

}  // namespace
}  // namespace poolbench::run
