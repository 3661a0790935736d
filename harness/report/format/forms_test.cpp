#include "report/format/forms.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "report/format/benchmarks.h"
#include "report/format/markdown.h"

namespace poolbench::report {
namespace {

using base::lines_of;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

Report golden() {
  return read_report(std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/report-1.0.json")
      .value();
}

std::size_t trials_in(const Report& report) {
  std::size_t count = 0;
  for (const CellReport& cell : report.cells) count += cell.trials.size();
  return count;
}

TEST(CsvTest, HasARowForEachTrialOfEachReport) {
  const std::vector<Report> reports{golden(), golden()};
  const auto lines = lines_of(trials_csv(reports));
  EXPECT_THAT(lines, SizeIs(1 + 2 * trials_in(golden())));
  EXPECT_THAT(lines[0], AllOf(StartsWith("report,scenario,cell,factors.variant,"),
                              HasSubstr(",block,position,attempt,started_at,status,disturbed,"),
                              HasSubstr(",throughput_requests_per_second,"),
                              Not(HasSubstr("latency_p9999_us"))));  // no trial has it
  EXPECT_THAT(lines[1], HasSubstr(golden().cells[0].trials[0].started_at));
}

TEST(CsvTest, HasARowForEachCellWithEstimateAndInterval) {
  const Report report = golden();
  const auto lines = lines_of(cells_csv({&report, 1}));
  EXPECT_THAT(lines, SizeIs(1 + report.cells.size()));
  const std::string rate = "throughput_requests_per_second";
  EXPECT_THAT(lines[0],
              HasSubstr(rate + "," + rate + ".ci_low," + rate + ".ci_high," + rate + ".n,"));
}

TEST(CsvTest, QuotesWhatWouldBreakARow) {
  Report report = golden();
  report.scenario.name = "a \"b\", c\nd";
  EXPECT_THAT(cells_csv({&report, 1}), HasSubstr(",\"a \"\"b\"\", c\nd\",\"variant="));
}

TEST(MarkdownTest, HoldsEveryTableAndKeepsHostileTextAsText) {
  Report report = golden();
  report.scenario.summary = "<b>|";
  const std::string text = to_markdown(report);
  EXPECT_THAT(text, AllOf(StartsWith("**django-pool**: \\<b\\>\\|\n"), HasSubstr("- machine: "),
                          HasSubstr("\n| cell | requests/s |"), HasSubstr("\n| comparison |"),
                          HasSubstr("\n| hypothesis |"), HasSubstr("<summary>Notes</summary>")));
}

TEST(SideBySideTest, HasAColumnForEachReportAndSaysWhatIsNotThere) {
  Report other = golden();
  other.cells.pop_back();
  other.cells[0].id = "variant=new";
  const std::vector<Report> reports{golden(), other};
  const auto beside = side_by_side(reports, {"throughput_requests_per_second"}).value();
  EXPECT_THAT(beside.reports, SizeIs(2));
  ASSERT_THAT(beside.parts, SizeIs(1));
  EXPECT_EQ(beside.parts[0].metric, "requests/s");
  EXPECT_THAT(beside.parts[0].rows, SizeIs(golden().cells.size() + 1));
  EXPECT_THAT(beside.parts[0].rows[0].values, ElementsAre(HasSubstr("±"), "–"));
  EXPECT_THAT(beside.parts[0].rows.back().values, ElementsAre("–", HasSubstr("±")));
  EXPECT_THAT(to_text(beside, false), HasSubstr("[2]"));
  EXPECT_THAT(to_markdown(beside), HasSubstr("| requests/s | 1 | 2 |\n"));
  EXPECT_EQ(side_by_side(reports, {"speed"}).error().code, base::ErrorCode::kBadInput);
}

TEST(BenchmarksTest, HoldEachCellsEstimateAndInterval) {
  const Report report = golden();
  const auto figures = benchmark_figures(report, {"throughput_requests_per_second"}).value();
  const base::Json bencher = to_bencher(figures);
  const base::Json& measure = bencher.at(report.cells[0].id).at("throughput_requests_per_second");
  EXPECT_LT(measure.at("lower_value"), measure.at("value"));
  EXPECT_LT(measure.at("value"), measure.at("upper_value"));
  const base::Json action = to_github_action_benchmark(figures).value();
  EXPECT_EQ(action.at(0).at("name"), report.cells[0].id + " · requests/s");
  EXPECT_EQ(action.at(0).at("unit"), "requests/s");
  EXPECT_EQ(action.at(0).at("value"), measure.at("value"));
  EXPECT_THAT(action.at(0).at("range").get<std::string>(), StartsWith("± "));
}

TEST(BenchmarksTest, RefuseMetricsThatNobodyHasOrThatGoDifferentWays) {
  EXPECT_EQ(benchmark_figures(golden(), {"speed"}).error().code, base::ErrorCode::kBadInput);
  const auto mixed =
      benchmark_figures(golden(), {"throughput_requests_per_second", "latency_p50_us"}).value();
  EXPECT_THAT(to_github_action_benchmark(mixed).error().message, HasSubstr("one file"));
}

}  // namespace
}  // namespace poolbench::report
