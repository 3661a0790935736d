// Metrics that a target declares, where comparisons and reports are judged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "compare/between_reports.h"
#include "compare/fixture.h"
#include "compare/history.h"
#include "compare/verify.h"
#include "compare/within_report.h"

namespace poolbench::compare {
namespace {

using report::Better;
using report::Verdict;
using testing::HasSubstr;

constexpr const char* kWait = "target.wait_ms";

report::DeclaredMetric wait_ms(Better better) {
  return {kWait,
          "ms",
          better,
          0.05,
          report::MetricKind::kCounter,
          report::Per::kRequest,
          report::MetricSource::kHttpJson};
}

/// A report with a cell for each level of the metric.
report::Report report_with(const std::map<std::string, double>& levels, Better better) {
  report::Report report;
  report.report_id = "r";
  report.metrics = {wait_ms(better)};
  for (const auto& [id, level] : levels) {
    report::CellReport cell = fixture::cell(id, fixture::rates(100, 10));
    for (report::Trial& trial : cell.trials) {
      trial.metrics[kWait] = level * (1 + 0.001 * trial.block);
    }
    report.cells.push_back(std::move(cell));
  }
  report::summarise(report);
  return report;
}

report::ComparisonResult compared(report::Report& report) {
  scenario::Scenario scenario;
  scenario.metrics = report.metrics;
  scenario.comparisons = {{"c", {kWait}, {{"a", "b"}}}};
  compare_within(report, scenario);
  return report.comparisons.front();
}

TEST(DeclaredMetric, IsJudgedByItsDirectionAndMargin) {
  auto lower = report_with({{"a", 10}, {"b", 20}}, Better::kLower);
  EXPECT_EQ(compared(lower).verdict, Verdict::kRegressed);
  EXPECT_EQ(compared(lower).margin, 0.05);
  auto higher = report_with({{"a", 10}, {"b", 20}}, Better::kHigher);
  EXPECT_EQ(compared(higher).verdict, Verdict::kImproved);
  auto same = report_with({{"a", 10}, {"b", 10.1}}, Better::kNeither);
  EXPECT_EQ(compared(same).verdict, Verdict::kNoChange);
}

TEST(DeclaredMetric, ThatIsBetterNeitherWayIsNeverImprovedNorRegressed) {
  auto report = report_with({{"a", 10}, {"b", 20}}, Better::kNeither);
  const auto result = compared(report);
  EXPECT_EQ(result.verdict, Verdict::kInconclusive);
  EXPECT_THAT(result.reason, HasSubstr("does not say which way is better"));
  EXPECT_NEAR(*result.ratio, 2, 1e-9);
}

TEST(DeclaredMetric, SaysWhyItIsMissing) {
  auto report = report_with({{"a", 10}, {"b", 20}}, Better::kLower);
  for (report::Trial& trial : report.cells[1].trials) {
    trial.metrics[kWait] = std::nullopt;
    trial.missing.emplace_back(std::string("metrics.") + kWait, "it gave NULL");
  }
  EXPECT_THAT(compared(report).reason,
              HasSubstr("b has no target.wait_ms ms/request: it gave NULL"));
}

TEST(DeclaredMetric, AReportThatHasItCanBeVerified) {
  auto report = report_with({{"a", 10}, {"b", 20}}, Better::kLower);
  compared(report);
  report::Report other = report;
  other.comparisons.front().margin = 0.2;
  const auto findings = [](const report::Report& each) {
    std::string all;
    for (const auto& finding : verify(report::to_json(each), each)) {
      all += finding.where + " " + finding.problem + "\n";
    }
    return all;
  };
  EXPECT_THAT(findings(report), testing::Not(HasSubstr("comparisons")));
  EXPECT_THAT(findings(report), testing::Not(HasSubstr("summary")));
  EXPECT_THAT(findings(other), HasSubstr("comparisons[0].margin is not the metric's, 0.05"));
}

TEST(DeclaredMetric, DeclaredDifferentlyItIsIncomparable) {
  const auto base = report_with({{"a", 10}}, Better::kLower);
  auto head = report_with({{"a", 20}}, Better::kLower);
  DiffOptions options;
  options.metrics = {kWait};
  const auto same = compare_reports(base, head, options);
  ASSERT_TRUE(same.has_value()) << same.error().message;
  EXPECT_EQ(same->rows.front().verdict, Verdict::kRegressed);
  head.metrics.front().unit = "s";
  const auto other = compare_reports(base, head, options);
  EXPECT_EQ(other->rows.front().verdict, Verdict::kIncomparable);
  EXPECT_THAT(other->rows.front().reason,
              HasSubstr("declared as a counter in ms per request from http_json, better lower, "
                        "margin 0.05 in base, as a counter in s"));
  head.metrics.clear();
  EXPECT_THAT(compare_reports(base, head, options)->rows.front().reason,
              HasSubstr("declared in base only"));
}

TEST(DeclaredMetric, HistoryKeepsItsUnitAndWhatItIs) {
  const auto line_of = [](const report::Report& report) {
    for (const HistoryLine& line : history_lines(report)) {
      if (line.metric == kWait) return line;
    }
    return HistoryLine{};
  };
  auto report = report_with({{"a", 10}}, Better::kLower);
  const HistoryLine line = line_of(report);
  EXPECT_EQ(line.unit, "ms/request");
  EXPECT_EQ(parse_history(history_text({line}))->front().unit, "ms/request");
  report.metrics.front().unit = "s";
  EXPECT_NE(line_of(report).conditions, line.conditions);
}

}  // namespace
}  // namespace poolbench::compare
