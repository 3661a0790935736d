#include "compare/run_spread.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compare/effect.h"

namespace poolbench::compare {
namespace {

HistoryLine line(int run, double log_value, double error = 0.005) {
  HistoryLine line;
  line.report_id = "r" + std::to_string(1000 + run);
  line.started_at = line.report_id;
  line.scenario = "s";
  line.machine = "m";
  line.conditions = "c";
  line.cell = "pool";
  line.anchor = "no-pool";
  line.metric = "throughput_requests_per_second";
  line.log_value = log_value;
  line.standard_error = error;
  return line;
}

std::vector<HistoryLine> runs(int count, double spread, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0, spread);
  std::vector<HistoryLine> lines;
  for (int i = 0; i < count; ++i) lines.push_back(line(i, normal(random)));
  return lines;
}

TEST(SpreadTest, IsAssumedWhenNothingIsKnown) {
  const auto spread = spread_for(line(0, 0), {}, {});
  EXPECT_EQ(spread.source, "default");
  EXPECT_DOUBLE_EQ(spread.relative, 0.05);
  EXPECT_EQ(spread_for(line(0, 0), {runs(7, 0.02), {}}, {}).source, "default");
}

TEST(SpreadTest, WithoutAnAnchorItIsAtLeastWhatTheBlocksShow) {
  EXPECT_EQ(spread_of_blocks(std::vector{0.0, 0.01}, std::vector{1.0, 1.01}).source, "default");
  const auto noisy = spread_of_blocks(std::vector{0.0, 0.2}, std::vector{1.0, 1.2, 1.1});
  EXPECT_EQ(noisy.source, "blocks");
  EXPECT_NEAR(noisy.relative, std::expm1(1.96 * std::sqrt(2 * 0.04 / 3)), 1e-5);
  EXPECT_EQ(spread_of_blocks(std::vector{0.0}, std::vector{1.0}).source, "default");
}

TEST(SpreadTest, ComesFromEightSessionsOfTheCell) {
  const auto spread = spread_for(line(0, 0), {runs(40, 0.02), {}}, {});
  EXPECT_EQ(spread.source, "history");
  EXPECT_EQ(spread.runs, 40);
  EXPECT_NEAR(spread.relative, std::expm1(1.96 * std::sqrt(2.0) * 0.02), 0.015);
}

TEST(SpreadTest, LeavesOutTheReportsThatAreCompared) {
  const auto lines = runs(9, 0.02);
  EXPECT_EQ(spread_for(line(0, 0), {lines, {}}, {"r1003"}).runs, 8);
  EXPECT_EQ(spread_for(line(0, 0), {lines, {}}, {"r1003", "r1008"}).source, "default");
}

TEST(SpreadTest, LeavesOutSessionsThatAreNotComparable) {
  using Member = std::string HistoryLine::*;
  for (const Member member : {&HistoryLine::machine, &HistoryLine::conditions, &HistoryLine::cell,
                              &HistoryLine::metric, &HistoryLine::anchor, &HistoryLine::scenario}) {
    auto lines = runs(8, 0.02);
    lines[3].*member = "another";
    EXPECT_EQ(spread_for(line(0, 0), {lines, {}}, {}).source, "default");
  }
}

TEST(SpreadTest, AChangeOfLevelIsNoSpread) {
  auto lines = runs(40, 0.005);
  for (std::size_t i = 20; i < lines.size(); ++i) lines[i].log_value -= 0.2;
  const auto spread = spread_for(line(0, 0), {lines, {}}, {});
  EXPECT_EQ(spread.runs, 20);
  EXPECT_LT(spread.relative, 0.03);
}

TEST(SpreadTest, ComesFromTheAaStudyWhereTheCellHasNoHistory) {
  auto study = runs(20, 0.04);
  for (HistoryLine& one : study) {
    one.scenario = "aa";
    one.conditions = "others";
    one.cell = "right";
    one.anchor = "left";
  }
  const auto spread = spread_for(line(0, 0), {runs(7, 0.02), study}, {});
  EXPECT_EQ(spread.source, "aa_study");
  EXPECT_EQ(spread.runs, 20);
  EXPECT_NEAR(noise_floor_for(line(0, 0), {{}, study}), std::expm1(1.96 * 0.04), 0.02);
  auto elsewhere = line(0, 0);
  elsewhere.machine = "another";
  EXPECT_EQ(spread_for(elsewhere, {{}, study}, {}).source, "default");
  EXPECT_EQ(noise_floor_for(elsewhere, {{}, study}), 0);
  auto in_turns = line(0, 0);
  in_turns.in_turns = true;
  EXPECT_EQ(spread_for(in_turns, {{}, study}, {}).source, "default");
  EXPECT_EQ(noise_floor_for(in_turns, {{}, study}), 0);
  for (std::size_t i = 10; i < study.size(); ++i) study[i].log_value -= 0.2;
  const auto wandering = spread_for(line(0, 0), {{}, study}, {});
  EXPECT_EQ(wandering.runs, 20) << "it has no change of level but the machine's own";
  EXPECT_GT(wandering.relative, 0.2);
}

TEST(SpreadTest, AnAaStudyMakesItNoSmallerThanWhatIsAssumed) {
  auto study = runs(20, 0.01);
  for (HistoryLine& one : study) one.cell = "right";
  const auto spread = spread_for(line(0, 0), {{}, study}, {});
  EXPECT_EQ(spread.source, "default");
  EXPECT_DOUBLE_EQ(spread.relative, kDefaultRunSpread);
}

TEST(SpreadTest, AnEstimatedSpreadKeepsTheFalsePositivesAtFiveInAHundred) {
  // Ten blocks of 3 % noise within a run; between runs nothing, a little, and much.
  constexpr int kRounds = 2000, kSessions = 8, kBlocks = 10;
  constexpr double kNoise = 0.03;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (const double tau : {0.0, 0.01, 0.03}) {
    const auto blocks = [&] {
      const double level = tau * normal(random);
      std::vector<double> logs;
      for (int i = 0; i < kBlocks; ++i) logs.push_back(level + kNoise * normal(random));
      return logs;
    };
    int significant = 0;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<HistoryLine> history;
      for (int i = 0; i < kSessions; ++i) {
        const Effect effect = paired_effect(blocks());
        history.push_back(line(i, effect.estimate,
                               (effect.interval_95->high - effect.interval_95->low) / 2 / 1.96));
      }
      const auto spread = spread_for(line(0, 0), {history, {}}, {});
      EXPECT_EQ(spread.source, "history");
      significant += run_effect(blocks(), blocks(), spread.relative).p <= 0.05 ? 1 : 0;
    }
    EXPECT_LE(100.0 * significant / kRounds, 6) << "between runs " << tau;
  }
}

}  // namespace
}  // namespace poolbench::compare
