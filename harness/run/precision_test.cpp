#include "run/precision.h"

#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

report::ComparisonResult comparison(double low, double high) {
  report::ComparisonResult result;
  result.n = 10;
  result.ratio = 1;
  result.ci_low = low;
  result.ci_high = high;
  return result;
}

TEST(Precision, IsThatOfTheWidestComparison) {
  report::Report report;
  report.comparisons = {comparison(1.0, 1.0404), comparison(2.0, 2.42), comparison(0.5, 0.5)};
  EXPECT_NEAR(widest_half_width(report).value(), 0.1, 1e-12);
}

TEST(Precision, IsUnknownWhileAnIntervalIsMissing) {
  report::Report report;
  report.comparisons = {comparison(1.0, 1.1), comparison(1.0, 1.1)};
  report.comparisons[1].ci_low.reset();
  EXPECT_EQ(widest_half_width(report), std::nullopt);
}

TEST(Precision, LeavesOutWhatHasNothingToEstimate) {
  report::Report report;
  report.comparisons = {comparison(1.0, 1.21), {}};
  EXPECT_NEAR(widest_half_width(report).value(), 0.1, 1e-12);
  report.comparisons = {{}};
  EXPECT_EQ(widest_half_width(report), std::nullopt);
}

TEST(Precision, IsThatOfTheCellsWhereNothingIsCompared) {
  report::Report report;
  report.cells.resize(2);
  report.cells[0].summary = {{"latency_p50_us", 10, 1, 1, 4, 0.95, {}, {}},
                             {"throughput_requests_per_second", 10, 110, 100, 121, 0.95, {}, {}}};
  EXPECT_NEAR(widest_half_width(report).value(), 0.1, 1e-12);
}

}  // namespace
}  // namespace poolbench::run
