#include <gmock/gmock.h>

#include "compare/fixture.h"
#include "compare/within_report.h"

namespace poolbench::compare {
namespace {

using fixture::cell;
using fixture::rates;

constexpr const char* kRate = "throughput_requests_per_second";

report::Report report_of(std::vector<report::CellReport> cells) {
  report::Report report;
  report.cells = std::move(cells);
  return report;
}

report::Decision verdict_of_bound(const std::vector<double>& values, std::optional<double> at_least,
                                  std::optional<double> at_most) {
  const scenario::Hypothesis hypothesis{"claim", kRate, {"a"}, {}, at_least, at_most};
  return decide(hypothesis, report_of({cell("a", values)})).verdict;
}

report::HypothesisResult decide_ratio(double ratio, int blocks, std::optional<double> at_least,
                                      std::optional<double> at_most) {
  const scenario::Hypothesis hypothesis{"claim", kRate, {}, {{"a", "b"}}, at_least, at_most};
  auto other = rates(200 * ratio, blocks);
  for (std::size_t i = 0; i < other.size(); ++i) other[i] *= i % 2 == 0 ? 1.01 : 0.99;
  return decide(hypothesis, report_of({cell("a", rates(200, blocks)), cell("b", other)}));
}

TEST(HypothesisTest, HoldsTheIntervalAgainstTheBound) {
  EXPECT_EQ(verdict_of_bound(rates(100, 8), 90, {}), report::Decision::kConfirmed);
  EXPECT_EQ(verdict_of_bound(rates(100, 8), 110, {}), report::Decision::kRefuted);
  EXPECT_EQ(verdict_of_bound(rates(100, 8), 100, {}), report::Decision::kInconclusive);
  EXPECT_EQ(verdict_of_bound(rates(100, 8), {}, 110), report::Decision::kConfirmed);
  EXPECT_EQ(verdict_of_bound(rates(100, 8), {}, 90), report::Decision::kRefuted);
  EXPECT_EQ(verdict_of_bound(rates(100, 8), 90, 110), report::Decision::kConfirmed);
  EXPECT_EQ(verdict_of_bound(rates(100, 8), 101, 110), report::Decision::kRefuted);
}

TEST(HypothesisTest, DecidesWithFewTrialsOnlyWhenAllAgree) {
  EXPECT_EQ(verdict_of_bound({100}, 90, {}), report::Decision::kConfirmed);
  EXPECT_EQ(verdict_of_bound({100, 95}, 90, {}), report::Decision::kConfirmed);
  EXPECT_EQ(verdict_of_bound({100, 85}, 90, {}), report::Decision::kInconclusive);
  EXPECT_EQ(verdict_of_bound({80, 85}, 90, {}), report::Decision::kRefuted);
  const auto result = decide({"claim", kRate, {"a"}, {}, 90, {}}, report_of({cell("a", {95, 96})}));
  EXPECT_EQ(result.evidence.cells[0].note, "all 2 trials agree");
}

TEST(HypothesisTest, NeedsEveryCellAndFallsWithOne) {
  const auto report = report_of({cell("a", rates(100, 8)), cell("b", rates(50, 8))});
  EXPECT_EQ(decide({"c", kRate, {"a", "b"}, {}, 40, {}}, report).verdict,
            report::Decision::kConfirmed);
  EXPECT_EQ(decide({"c", kRate, {"a", "b"}, {}, 90, {}}, report).verdict,
            report::Decision::kRefuted);
  EXPECT_EQ(decide({"c", kRate, {"a", "none"}, {}, 90, {}}, report).verdict,
            report::Decision::kInconclusive);
  EXPECT_EQ(decide({"c", kRate, {}, {}, 90, {}}, report).verdict, report::Decision::kInconclusive);
}

TEST(HypothesisTest, TestsEquivalenceByTheNinetyPercentInterval) {
  EXPECT_EQ(decide_ratio(1.0, 8, 0.9, 1.1).verdict, report::Decision::kConfirmed);
  EXPECT_EQ(decide_ratio(1.2, 8, 0.9, 1.1).verdict, report::Decision::kRefuted);
  EXPECT_EQ(decide_ratio(1.1, 8, 0.9, 1.1).verdict, report::Decision::kInconclusive);
  const auto result = decide_ratio(1.0, 8, 0.9, 1.1);
  EXPECT_EQ(result.evidence.pairs[0].confidence, 0.90);
}

TEST(HypothesisTest, HoldsARatioAgainstOneBound) {
  EXPECT_EQ(decide_ratio(5, 8, 3, {}).verdict, report::Decision::kConfirmed);
  EXPECT_EQ(decide_ratio(2, 8, 3, {}).verdict, report::Decision::kRefuted);
  EXPECT_EQ(decide_ratio(0.5, 8, {}, 0.7).verdict, report::Decision::kConfirmed);
}

TEST(HypothesisTest, DecidesNoRatioBelowSixBlocks) {
  const auto result = decide_ratio(5, 3, 3, {});
  EXPECT_EQ(result.verdict, report::Decision::kInconclusive);
  EXPECT_EQ(result.evidence.pairs[0].note, "needs at least 6 blocks, has 3");
  EXPECT_EQ(result.evidence.pairs[0].ci_low, std::nullopt);
}

TEST(HypothesisTest, CarriesTheReasonOfAMissingQuantity) {
  auto unknown = cell("a", rates(100, 8));
  unknown.trials[0].missing = {{"database.sessions_per_request", "PostgreSQL 13 has no sessions"}};
  const auto result =
      decide({"c", "sessions_per_request", {"a"}, {}, {}, 0.1}, report_of({unknown}));
  EXPECT_EQ(result.verdict, report::Decision::kInconclusive);
  EXPECT_EQ(result.evidence.cells[0].note,
            "a has no sessions/request: PostgreSQL 13 has no sessions");
}

report::CellReport failed_cell(const std::string& id, const std::string& reason) {
  auto failed = cell(id, rates(100, 3));
  for (report::Trial& trial : failed.trials) {
    trial.status = report::TrialStatus::kFailed;
    trial.reasons = {reason};
  }
  report::summarise(failed);
  return failed;
}

TEST(HypothesisTest, ThatACellFailsIsHeldAgainstHowItFailed) {
  const auto report = report_of({cell("good", rates(100, 3)),
                                 failed_cell("bad", "16 % wrong answers\nlog: row of another"),
                                 cell("planned", {})});
  const auto verdict = [&](const char* id, const char* words) {
    return decide({"c", "", {id}, {}, {}, {}, words}, report).verdict;
  };
  EXPECT_EQ(verdict("bad", "wrong answers"), report::Decision::kConfirmed);
  EXPECT_EQ(verdict("bad", "too many clients"), report::Decision::kRefuted);
  EXPECT_EQ(verdict("good", "wrong answers"), report::Decision::kRefuted);
  EXPECT_EQ(verdict("planned", "wrong answers"), report::Decision::kInconclusive);
}

TEST(HypothesisTest, ThatACellFailsStaysDecidedInANoisyEnvironment) {
  auto report = report_of({failed_cell("bad", "wrong answers")});
  report.design.noisy_environment = true;
  const auto result = decide({"c", "", {"bad"}, {}, {}, {}, "wrong"}, report);
  EXPECT_EQ(result.evidence.cells[0].note, "wrong answers");
  EXPECT_EQ(result.evidence.fails_with, "wrong");
}

}  // namespace
}  // namespace poolbench::compare
