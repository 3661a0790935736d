#include "page/charts.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/file.h"

namespace poolbench::page {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The chart is that of the file. With POOLBENCH_WRITE_GOLDEN set, the file becomes the chart's:
/// look at it in a browser.
void expect_golden(const std::string& chart, const std::string& name) {
  const std::filesystem::path file =
      std::string(POOLBENCH_SOURCE_DIR) + "/harness/page/testdata/" + name + ".html";
  std::string lines;
  for (const char byte : chart) {
    if (byte == '<' && !lines.empty() && lines.back() == '>') lines += '\n';
    lines += byte;
  }
  lines = "<!DOCTYPE html>\n" + lines + "\n";
  if (std::getenv("POOLBENCH_WRITE_GOLDEN") != nullptr) {
    ASSERT_TRUE(base::write_file_atomically(file, lines));
  }
  EXPECT_EQ(lines, base::read_file(file).value_or("")) << file;
}

TrialsRow a_row() {
  TrialsRow row;
  row.style.hue = 1;
  row.trials = {
      {1488, true, "block 0: 1 488"}, {1715, true, ""}, {900, false, "block 2: <invalid>"}};
  row.estimate = 1592;
  row.interval = Interval{1456, 1715};
  row.published = 1054;
  row.published_title = "published: 1 054";
  return row;
}

TEST(ChartsTest, TrialsOfACell) {
  expect_golden(trials_row(Axis::logarithmic(180, 5200, 240), a_row()), "trials");
}

TEST(ChartsTest, TrialsOfACellThatHasUsedUpTheHues) {
  TrialsRow row = a_row();
  row.style.hue = 9;
  row.published.reset();
  expect_golden(trials_row(Axis::logarithmic(180, 5200, 240), row), "trials-hollow");
}

TEST(ChartsTest, AxisOfAColumn) {
  expect_golden(axis_head(Axis::logarithmic(180, 5200, 240), kTrialsWidth), "axis");
}

TEST(ChartsTest, StackedBar) {
  expect_golden(
      stacked_bar(Axis::from_zero(8.2, 120), {{"k-con", 5.12, "PostgreSQL 5.12 ms", "PostgreSQL"},
                                              {"k-app", 2.29, "application 2.29 ms", ""},
                                              {"k-gen", 0.13, "generator 0.13 ms", ""}}),
      "bar");
}

RatioRow a_ratio() {
  RatioRow row;
  row.margin = 0.03;
  row.ratio = 6.68;
  row.interval = Interval{6.33, 7.19};
  row.published = 5.41;
  return row;
}

TEST(ChartsTest, RatioWithItsMargin) {
  expect_golden(ratio_row(Axis::logarithmic(0.13, 7.2, 280, "×"), a_ratio()), "ratio");
}

TEST(ChartsTest, RatioThatIsNotDecidedIsHollow) {
  RatioRow row = a_ratio();
  row.ratio = 1.05;
  row.interval = Interval{0.984, 1.35};
  row.is_decided = false;
  row.published.reset();
  expect_golden(ratio_row_close(Axis::logarithmic(0.8, 1.25, 170, "×"), row), "ratio-close");
}

TEST(ChartsTest, RatioOutsideOfTheCloseViewIsAnArrow) {
  const std::string chart = ratio_row_close(Axis::logarithmic(0.8, 1.25, 170, "×"), a_ratio());
  EXPECT_THAT(chart, HasSubstr("→"));
  EXPECT_THAT(chart, Not(HasSubstr("<circle")));
}

TEST(ChartsTest, RatioThatIsNotKnownHasNoMark) {
  RatioRow row;
  row.margin = 0.03;
  EXPECT_THAT(ratio_row(Axis::logarithmic(0.9, 1.1, 280, "×"), row), Not(HasSubstr("<circle")));
}

TEST(ChartsTest, ClaimAndWhatWasMeasured) {
  ClaimRow row;
  row.at_least = 0.9;
  row.estimate = 0.9987;
  row.interval = Interval{0.998, 0.999};
  expect_golden(claim_row(Axis::from_zero(1.06, 380), row), "claim");
}

PercentileCurve a_curve(std::size_t hue, const std::string& label, double start) {
  PercentileCurve curve;
  curve.style.hue = hue;
  curve.label = label;
  for (int i = 0; i < 6; ++i) {
    const double value = start * (1 + 0.1 * i);
    curve.points.push_back({0.02 + 0.4 * i, value, value * 0.9, value * 1.2, i > 3});
  }
  return curve;
}

TEST(ChartsTest, PercentileCurvesWithNamesApart) {
  PercentileRange range;
  range.low = 9;
  range.high = 260;
  range.last_tail = 2.02;
  expect_golden(percentile_curves({a_curve(0, "no-pool", 150), a_curve(1, "pool", 15),
                                   a_curve(9, "a name that is too long to stand beside it", 15.1)},
                                  range, "Latency of three variants"),
                "percentiles");
}

TEST(ChartsTest, TimeSeriesWithPhasesAndConnections) {
  TimeSeries series;
  series.style.hue = 2;
  series.phases = {{"start", 0.5}, {"warm-up", 0.5}, {"measure", 3}, {"stop", std::nullopt}};
  series.seconds = 3;
  series.rates = {{900, 1000, 1100}, {1000, 1020, 980}};
  series.median = {950, 1010, 1040};
  series.highest_rate = 1100;
  series.connections = {0, 2, 2, 8};
  series.connections_interval = 1;
  expect_golden(time_series(series, "Rate of persistent"), "series");
}

TEST(ChartsTest, TextOfOthersIsEscaped) {
  const std::string chart = trials_row(Axis::logarithmic(180, 5200, 240), a_row());
  EXPECT_THAT(chart, HasSubstr("&lt;invalid&gt;"));
  EXPECT_THAT(chart, Not(HasSubstr("<invalid>")));
}

}  // namespace
}  // namespace poolbench::page
