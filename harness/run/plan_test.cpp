#include "run/plan.h"

#include <gtest/gtest.h>

#include <set>

namespace poolbench::run {
namespace {

scenario::Scenario scenario_with(std::size_t cells, int blocks) {
  scenario::Scenario scenario;
  scenario.cells.resize(cells);
  for (scenario::Cell& cell : scenario.cells) {
    cell.load.warmup = std::chrono::seconds(1);
    cell.load.measure = std::chrono::seconds(2);
  }
  scenario.design.blocks = blocks;
  return scenario;
}

std::vector<std::size_t> order_of(const Plan& plan) {
  std::vector<std::size_t> order;
  for (const PlannedTrial& trial : plan.trials) order.push_back(trial.cell);
  return order;
}

TEST(Plan, EveryBlockHoldsEveryCellOnce) {
  const Plan plan = make_plan(scenario_with(7, 20), 1);
  ASSERT_EQ(plan.trials.size(), 140U);
  for (int block = 0; block < 20; ++block) {
    std::set<std::size_t> cells;
    for (int position = 0; position < 7; ++position) {
      const PlannedTrial& trial = plan.trials[static_cast<std::size_t>(block * 7 + position)];
      EXPECT_EQ(trial.block, block);
      EXPECT_EQ(trial.position, position);
      cells.insert(trial.cell);
    }
    EXPECT_EQ(cells.size(), 7U);
  }
}

TEST(Plan, TheSameSeedGivesTheSameOrderOnEveryMachine) {
  auto scenario = scenario_with(4, 2);
  scenario.design.seed = 20250708;
  EXPECT_EQ(order_of(make_plan(scenario, 1)), order_of(make_plan(scenario, 2)));
  EXPECT_EQ(order_of(make_plan(scenario, 1)), (std::vector<std::size_t>{2, 0, 1, 3, 3, 2, 1, 0}));
}

TEST(Plan, EveryCellComesFirstAboutEquallyOften) {
  const Plan plan = make_plan(scenario_with(4, 4000), 42);
  std::vector<int> first(4);
  for (const PlannedTrial& trial : plan.trials) {
    if (trial.position == 0) ++first[trial.cell];
  }
  for (const int count : first) EXPECT_NEAR(count, 1000, 120);
}

TEST(Plan, EstimatesWhatIsLeft) {
  const auto scenario = scenario_with(2, 3);
  const Plan plan = make_plan(scenario, 1);
  EXPECT_EQ(estimate(scenario, plan), 6 * estimate(scenario.cells[0]));
  EXPECT_EQ(estimate(scenario, plan, 4), 2 * estimate(scenario.cells[0]));
}

}  // namespace
}  // namespace poolbench::run
