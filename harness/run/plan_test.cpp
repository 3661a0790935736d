#include "run/plan.h"

#include <gtest/gtest.h>

#include <set>

#include "run/pilots.h"

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
  auto scenario = scenario_with(2, 3);
  EXPECT_EQ(estimate(scenario).least, 6 * estimate(scenario.cells[0]));
  EXPECT_EQ(estimate(scenario).most, estimate(scenario).least);
  EXPECT_EQ(estimate(scenario).longest, 3 * estimate(scenario).least);
  scenario.design.precision = 0.02;
  scenario.design.max_blocks = 5;
  EXPECT_EQ(estimate(scenario).most, 10 * estimate(scenario.cells[0]));
  scenario.cells[1].load.warmup_by_pilots = true;
  EXPECT_EQ(estimate(scenario).least,
            6 * estimate(scenario.cells[0]) + estimate(pilot_of(scenario.cells[1])));
  EXPECT_EQ(estimate(scenario).longest,
            30 * estimate(scenario.cells[0]) + estimate(pilot_of(scenario.cells[1])));
}

}  // namespace
}  // namespace poolbench::run
