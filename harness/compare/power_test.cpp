#include "compare/power.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "base/temporary_folder_fixture.h"
#include "report/report.h"
#include "stats/inference.h"

namespace poolbench::compare {
namespace {

namespace fs = std::filesystem;

/// A folder of results, and a scenario that compares two cells.
class ForesightTest : public ::testing::Test {
 protected:
  ForesightTest() {
    scenario_.name = "pair";
    scenario_.cells.resize(1);
    scenario_.cells[0].load.measure = std::chrono::seconds(5);
    scenario_.comparisons = {{"a or b", {"throughput_requests_per_second"}, {{"a", "b"}}}};
  }

  /// A report whose pairs differ by ±`noise` around nothing.
  void put_report(const std::string& id, double noise, int blocks, double measure_seconds = 5) {
    report::Report report;
    report.report_id = id;
    report.scenario.name = "pair";
    report.design.measure_seconds = measure_seconds;
    for (const char* cell : {"a", "b"}) {
      auto& added = report.cells.emplace_back();
      added.id = cell;
      for (int block = 0; block < blocks; ++block) {
        auto& trial = added.trials.emplace_back();
        trial.block = block;
        const double sign = block % 2 == 0 ? 1 : -1;
        trial.measurement.emplace().throughput_requests_per_second =
            cell == std::string("a") ? 100 : 100 * std::exp(sign * noise);
      }
    }
    fs::create_directories(results_ / id);
    ASSERT_TRUE(report::write_report(report, results_ / id / "report.json").has_value());
  }

  scenario::Scenario scenario_;
  base::TemporaryFolder results_;
};

TEST_F(ForesightTest, AssumesANoiseWhenNothingIsKnown) {
  const auto all = foresee(scenario_, results_ / "nowhere");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].source, "");
  EXPECT_EQ(all[0].noise, kAssumedNoise);
  EXPECT_NEAR(all[0].change.value(), 0.0415, 0.001);
}

TEST_F(ForesightTest, TakesTheNoiseOfTheLatestReportThatHasEnoughBlocks) {
  put_report("20250101T000000Z-pair-1", 0.01, 8);
  put_report("20250102T000000Z-pair-2", 0.02, 8);
  put_report("20250103T000000Z-pair-3", 0.03, 5);
  put_report("20250104T000000Z-pair-4", 0.04, 8, 1);
  const auto all = foresee(scenario_, results_);
  EXPECT_EQ(all[0].source, "20250102T000000Z-pair-2");
  EXPECT_NEAR(all[0].noise, 0.02 * std::sqrt(8.0 / 7), 1e-9);
}

TEST_F(ForesightTest, TrialsThatTakeTurnsHaveANoiseOfTheirOwn) {
  put_report("20250101T000000Z-pair-1", 0.01, 8);
  scenario_.cells[0].config = {{"load", {{"slice", "100ms"}}}};
  EXPECT_EQ(foresee(scenario_, results_)[0].source, "");
}

TEST_F(ForesightTest, NoChangeWithinTheMarginGetsAVerdict) {
  put_report("20250101T000000Z-pair-1", 1e-6, 8);
  EXPECT_NEAR(foresee(scenario_, results_)[0].change.value(), 0.03, 1e-4);
}

TEST_F(ForesightTest, TrialsThatWereTooShortForAQuantileWillBeAgain) {
  put_report("20250101T000000Z-pair-1", 0.01, 8);
  auto report = report::read_report(results_ / "20250101T000000Z-pair-1" / "report.json").value();
  for (auto& cell : report.cells) {
    cell.status = report::CellStatus::kOk;
    for (auto& trial : cell.trials) {
      trial.measurement->measured_seconds = 5;
      trial.measurement->latency_us.count = cell.id == "a" ? 5000 : 500;
      if (cell.id == "a") trial.measurement->latency_us.p99 = 1000;
    }
  }
  ASSERT_TRUE(report::write_report(report, results_ / report.report_id / "report.json"));
  scenario_.comparisons.front().metrics = {"latency_p99_us", "latency_p95_us"};
  const auto all = foresee(scenario_, results_);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].too_short, "b needs load.measure = \"11s\"");
  EXPECT_EQ(all[0].change, std::nullopt);
  EXPECT_EQ(all[1].too_short, "");
}

TEST_F(ForesightTest, TooFewBlocksFindNothing) {
  scenario_.design.blocks = 5;
  EXPECT_EQ(foresee(scenario_, results_)[0].change, std::nullopt);
}

/// How often the signed-rank test finds a shift in n normal differences of deviation 1.
double real_power(int n, double shift, double alpha) {
  constexpr int kRounds = 2000;
  std::mt19937_64 generator(20250708);
  std::normal_distribution<double> noise(shift, 1);
  int found = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> differences(static_cast<std::size_t>(n));
    for (double& difference : differences) difference = noise(generator);
    found += stats::Location(differences).p_value(0) <= alpha ? 1 : 0;
  }
  return static_cast<double>(found) / kRounds;
}

TEST(DetectableShiftTest, HasThePowerItNames) {
  for (const int n : {8, 10, 15, 24}) {
    const auto shift = detectable_shift(n, 1, 0.05, 0.8);
    ASSERT_TRUE(shift.has_value());
    EXPECT_NEAR(real_power(n, *shift, 0.05), 0.8, 0.08) << n;
  }
  EXPECT_NEAR(real_power(12, detectable_shift(12, 1, 0.01, 0.8).value(), 0.01), 0.8, 0.08);
}

TEST(DetectableShiftTest, GrowsWithTheNoiseAndShrinksWithTheBlocks) {
  EXPECT_NEAR(detectable_shift(10, 3, 0.05, 0.8).value(),
              3 * detectable_shift(10, 1, 0.05, 0.8).value(), 1e-12);
  EXPECT_GT(detectable_shift(10, 1, 0.05, 0.8), detectable_shift(20, 1, 0.05, 0.8));
}

TEST(DetectableShiftTest, ThereIsNoneWhereNoPIsSmallEnough) {
  EXPECT_EQ(detectable_shift(5, 1, 0.05, 0.8), std::nullopt);
  EXPECT_EQ(detectable_shift(7, 1, 0.01, 0.8), std::nullopt);
  EXPECT_TRUE(detectable_shift(6, 1, 0.05, 0.8).has_value());
}

}  // namespace
}  // namespace poolbench::compare
