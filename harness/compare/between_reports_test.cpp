#include "compare/between_reports.h"

#include <gmock/gmock.h>

#include <cmath>

#include "compare/fixture.h"
#include "compare/format/render.h"
#include "compare/golden_fixture.h"
#include "stats/histogram.h"

namespace poolbench::compare {
namespace {

using fixture::cell;
using fixture::cell_of;
using fixture::golden;
using fixture::id_of;
using fixture::rates;
using fixture::row_of;
using fixture::scale;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Diff compare(const report::Report& base, const report::Report& head, DiffOptions options = {}) {
  auto diff = compare_reports(base, head, options);
  EXPECT_TRUE(diff.has_value()) << (diff ? "" : base::to_text(diff.error()));
  return diff.value_or(Diff{});
}

TEST(CompareReportsTest, SeesTenPerCentWithoutAnyHistory) {
  for (const double factor : {0.9, 1.1}) {
    report::Report head = golden();
    scale(cell_of(head, "pool"), factor);
    const Diff diff = compare(golden(), head);
    const DiffRow& row = row_of(diff, "pool");
    EXPECT_EQ(row.verdict, factor < 1 ? report::Verdict::kRegressed : report::Verdict::kImproved);
    EXPECT_NEAR(*row.ratio, factor, 0.001);
    EXPECT_EQ(diff.count(report::Verdict::kImproved) + diff.count(report::Verdict::kRegressed), 1);
    EXPECT_EQ(row.spread.source, "default");
    EXPECT_TRUE(row.strict);
  }
}

TEST(CompareReportsTest, LeavesOpenWhatSessionsMayDifferBy) {
  report::Report head = golden();
  scale(cell_of(head, "pool"), 0.97);
  const DiffRow row = row_of(compare(golden(), head), "pool");
  EXPECT_EQ(row.verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(row.reason, "within the run spread of ±5 %");
}

TEST(CompareReportsTest, DecidesMoreWhenTheSpreadIsKnownToBeSmall) {
  DiffOptions options;
  options.run_spread = 0.002;
  EXPECT_EQ(row_of(compare(golden(), golden(), options), "no-db").verdict,
            report::Verdict::kNoChange);
  report::Report head = golden();
  scale(cell_of(head, "no-db"), 0.95);
  EXPECT_EQ(row_of(compare(golden(), head, options), "no-db").verdict, report::Verdict::kRegressed);
}

TEST(CompareReportsTest, TakesOutWhatAllCellsShareAndShowsItInTheAnchorsRow) {
  report::Report head = golden();
  for (report::CellReport& cell : head.cells) scale(cell, 0.8);
  const Diff diff = compare(golden(), head);
  EXPECT_EQ(diff.anchor, id_of("no-pool"));
  EXPECT_EQ(row_of(diff, "no-pool").verdict, report::Verdict::kRegressed);
  EXPECT_FALSE(row_of(diff, "no-pool").through_anchor);
  EXPECT_NEAR(*row_of(diff, "pool").ratio, 1, 1e-9);
  EXPECT_TRUE(row_of(diff, "pool").through_anchor);
  DiffOptions plainly;
  plainly.anchor = "none";
  EXPECT_EQ(compare(golden(), head, plainly).count(report::Verdict::kRegressed), 5);
}

TEST(CompareReportsTest, ShowsTheAnchorsRowWhateverElseIsAskedFor) {
  report::Report head = golden();
  for (report::CellReport& cell : head.cells) scale(cell, 0.8);
  DiffOptions options;
  options.only = {"variant=pool"};
  const Diff diff = compare(golden(), head, options);
  ASSERT_EQ(diff.rows.size(), 2U);
  EXPECT_EQ(row_of(diff, "no-pool").verdict, report::Verdict::kRegressed);
}

TEST(CompareReportsTest, RelatesNothingToACellThatIsNotTheSame) {
  report::Report head = golden();
  cell_of(head, "no-pool").config["load"]["connections"] = 100;
  scale(cell_of(head, "no-pool"), 1.3);
  const Diff diff = compare(golden(), head);
  EXPECT_NE(diff.anchor, id_of("no-pool"));
  EXPECT_EQ(row_of(diff, "no-pool").verdict, report::Verdict::kIncomparable);
  EXPECT_EQ(diff.count(report::Verdict::kRegressed) + diff.count(report::Verdict::kImproved), 0);
  DiffOptions options;
  options.anchor = id_of("no-pool");
  EXPECT_THAT(compare_reports(golden(), head, options).error().message,
              HasSubstr("with the same settings"));
}

TEST(CompareReportsTest, ComparesPlainlyWhereTheAnchorHasNothingToRelateTo) {
  DiffOptions options;
  options.anchor = id_of("no-db");  // opens no sessions
  options.metrics = {"sessions_per_request"};
  report::Report base = golden(), head = golden();
  for (report::Trial& trial : cell_of(base, "pool").trials) {
    trial.database.sessions_per_request = 0.01;
  }
  for (report::Trial& trial : cell_of(head, "pool").trials) {
    trial.database.sessions_per_request = 0.9;
  }
  const DiffRow row = row_of(compare(base, head, options), "pool");
  EXPECT_FALSE(row.through_anchor);
  EXPECT_EQ(row.verdict, report::Verdict::kRegressed) << row.reason;
}

TEST(CompareReportsTest, SaysSoWhereACellWasNotMeasured) {
  report::Report head = golden();
  cell_of(head, "pool").trials.clear();
  report::summarise(cell_of(head, "pool"));
  const DiffRow row = row_of(compare(golden(), head), "pool");
  EXPECT_EQ(row.verdict, report::Verdict::kIncomparable);
  EXPECT_EQ(row.reason, "not measured in head");
}

TEST(CompareReportsTest, UsesTheAnchorAskedFor) {
  DiffOptions options;
  options.anchor = id_of("no-db");
  EXPECT_EQ(compare(golden(), golden(), options).anchor, id_of("no-db"));
  options.anchor = id_of("pool-psycopg2");  // failed
  EXPECT_THAT(compare_reports(golden(), golden(), options).error().message,
              HasSubstr("cannot be the anchor"));
}

TEST(CompareReportsTest, ComparesPlainlyWhenThereIsNoOtherCell) {
  report::Report one = golden();
  one.cells = {cell_of(one, "pool")};
  report::Report head = one;
  scale(head.cells[0], 0.9);
  const Diff diff = compare(one, head);
  EXPECT_EQ(diff.anchor, "");
  EXPECT_EQ(diff.rows.at(0).verdict, report::Verdict::kRegressed);
}

TEST(CompareReportsTest, KeepsFailedCellsApartWithTheReason) {
  const Diff diff = compare(golden(), golden());
  EXPECT_EQ(row_of(diff, "pool-psycopg2").verdict, report::Verdict::kIncomparable);
  EXPECT_EQ(row_of(diff, "pool-psycopg2").reason,
            "failed in base: the answer to GET / was 500, expected 200");
}

TEST(CompareReportsTest, ListsUnmatchedCells) {
  report::Report base = golden(), head = golden();
  base.cells.erase(base.cells.begin() + 1);
  head.cells.pop_back();
  const Diff diff = compare(base, head);
  EXPECT_THAT(diff.only_in_head, ElementsAre(id_of("pool")));
  EXPECT_THAT(diff.only_in_base, ElementsAre(id_of("pool-psycopg2")));
  EXPECT_EQ(diff.rows.size(), 4U);
}

TEST(CompareReportsTest, ComparesOnlyWhatIsAskedFor) {
  DiffOptions options;
  options.only = {"variant=pool,workers=2", "variant=no-db"};
  options.metrics = {"latency_p50_us", "sessions_per_request"};
  const Diff diff = compare(golden(), golden(), options);
  EXPECT_EQ(diff.rows.size(), 6U) << "two cells and the anchor, two metrics";
  options.anchor = "none";
  EXPECT_EQ(compare(golden(), golden(), options).rows.size(), 4U);
  options.only = {"variant=nothing"};
  EXPECT_EQ(compare_reports(golden(), golden(), options).error().code, base::ErrorCode::kBadInput);
  options.only = {"pool"};
  EXPECT_FALSE(compare_reports(golden(), golden(), options).has_value());
}

TEST(CompareReportsTest, AQuantileThatOnlyAllAnswersTogetherHaveGetsNoVerdict) {
  const auto run = [](std::uint64_t answers) {
    report::Report report;
    report.cells = {cell("a", rates(200, 8))};
    for (report::Trial& trial : report.cells[0].trials) {
      stats::Histogram us;
      us.record(1000, answers);
      trial.measurement->measured_seconds = 1;
      trial.measurement->latency_us = report::quantiles_of(us);
      trial.measurement->latency_hdr_v2_base64 = us.encode();
    }
    report::summarise(report.cells[0]);
    return report;
  };
  DiffOptions options;
  options.metrics = {"latency_p99_us"};
  const DiffRow row = compare(run(1000), run(999), options).rows.at(0);
  EXPECT_EQ(row.verdict, report::Verdict::kInconclusive);
  EXPECT_EQ(row.reason,
            "head: a has no p99 ms to compare: a trial has 999 answers, p99 needs 1000; "
            "load.measure = \"2s\" would do");
  EXPECT_EQ(level_text(row, row.base), "1.00 ±0.0 %");
  EXPECT_EQ(level_text(row, row.head), "1.00 pooled");
  EXPECT_EQ(row.head.n, 8);
  EXPECT_EQ(to_json(compare(run(1000), run(999), options))["rows"][0]["head"]["pooled"],
            row.head.pooled.value());
}

TEST(CompareReportsTest, KnowsTheNearestMetric) {
  DiffOptions options;
  options.metrics = {"throughput_request_per_second"};
  EXPECT_THAT(compare_reports(golden(), golden(), options).error().next,
              HasSubstr("throughput_requests_per_second"));
}

TEST(CompareReportsTest, CallsNothingInBothUnchanged) {
  DiffOptions options;
  options.metrics = {"error_ratio"};
  EXPECT_EQ(row_of(compare(golden(), golden(), options), "pool").verdict,
            report::Verdict::kNoChange);
  report::Report head = golden();
  cell_of(head, "pool").trials[3].measurement->requests.errors["reset"] += 1;
  EXPECT_NE(row_of(compare(golden(), head, options), "pool").reason, "0 in both");
}

TEST(CompareReportsTest, DecidesNothingBelowSixBlocks) {
  report::Report head = golden();
  scale(cell_of(head, "pool"), 0.5);
  for (report::CellReport& cell : head.cells) {
    cell.trials.resize(5);
    report::summarise(cell);
  }
  const Diff diff = compare(golden(), head);
  EXPECT_EQ(row_of(diff, "pool").reason, "needs at least 6 blocks, has 5");
}

TEST(CompareReportsTest, AveragesRatiosGeometrically) {
  report::Report head = golden();
  scale(cell_of(head, "pool"), 2);
  scale(cell_of(head, "no-db"), 0.5);
  const Diff diff = compare(golden(), head);
  ASSERT_EQ(diff.means.size(), 1U);
  EXPECT_EQ(diff.means[0].cells, 5);
  EXPECT_NEAR(diff.means[0].ratio, 1, 1e-12);
}

TEST(CompareReportsTest, MarginIsNeverBelowTheMetricsOwnNorTheNoiseOfEquals) {
  DiffOptions options;
  options.margin = 0.01;
  EXPECT_DOUBLE_EQ(row_of(compare(golden(), golden(), options), "pool").margin, 0.03);
  report::Report equals = golden();
  for (int i = 0; i < 8; ++i) {
    equals.report_id = "aa-" + std::to_string(i);
    scale(cell_of(equals, "pool"), i % 2 == 0 ? 1.1 : 1 / 1.1);
    auto lines = history_lines(equals);
    for (HistoryLine& line : lines) line.log_value -= std::log(5.1);  // equals, with such a noise
    options.background.aa_study.push_back(*std::find_if(lines.begin(), lines.end(), [](auto& line) {
      return line.cell == id_of("pool") && line.metric == "throughput_requests_per_second";
    }));
  }
  const DiffRow row = row_of(compare(golden(), golden(), options), "pool");
  EXPECT_TRUE(row.margin_is_noise);
  EXPECT_GT(row.margin, 0.05);
}

TEST(CompareReportsTest, CallsAVerdictStrictWhenTheWholeIntervalIsBeyondTheMargin) {
  report::Report head = golden();
  scale(cell_of(head, "pool"), 0.85);
  DiffOptions options;
  options.run_spread = 0.01;
  EXPECT_TRUE(row_of(compare(golden(), head, options), "pool").strict);
  options.margin = 0.16;
  const DiffRow row = row_of(compare(golden(), head, options), "pool");
  EXPECT_EQ(row.verdict, report::Verdict::kRegressed);
  EXPECT_FALSE(row.strict);
  EXPECT_FALSE(row_of(compare(golden(), golden(), options), "pool").strict);
}

TEST(CompareReportsTest, AppliesTheMarginAskedFor) {
  report::Report head = golden();
  scale(cell_of(head, "pool"), 0.85);
  DiffOptions options;
  options.margin = 0.25;
  EXPECT_EQ(row_of(compare(golden(), head, options), "pool").verdict, report::Verdict::kNoChange);
}

void set_peak_source(report::Report& report, report::PeakSource source) {
  for (report::CellReport& cell : report.cells) {
    for (report::Trial& trial : cell.trials) {
      if (trial.database.peak_connections) trial.database.peak_connections_source = source;
    }
  }
}

TEST(CompareReportsTest, PeaksOfTheLogAndPeaksOfSamplesAreIncomparable) {
  DiffOptions options;
  options.metrics = {"peak_connections"};
  report::Report head = golden();  // before 1.2: samples, which do not say so
  for (report::Trial& trial : cell_of(head, "pool").trials) {
    if (auto& peak = trial.database.peak_connections) *peak *= 2;
  }
  const DiffRow sampled = row_of(compare(golden(), head, options), "pool");
  EXPECT_NE(sampled.verdict, report::Verdict::kIncomparable);
  set_peak_source(head, report::PeakSource::kSamples);
  EXPECT_EQ(row_of(compare(golden(), head, options), "pool").verdict, sampled.verdict);
  set_peak_source(head, report::PeakSource::kLog);
  const DiffRow row = row_of(compare(golden(), head, options), "pool");
  EXPECT_EQ(row.verdict, report::Verdict::kIncomparable);
  EXPECT_EQ(row.reason, "one side's peaks are from samples, the other's from PostgreSQL's log");
  report::Report base = golden();
  set_peak_source(base, report::PeakSource::kLog);
  EXPECT_NE(row_of(compare(base, head, options), "pool").verdict, report::Verdict::kIncomparable);
  cell_of(base, "pool").trials.front().database.peak_connections_source =
      report::PeakSource::kSamples;
  EXPECT_EQ(row_of(compare(base, head, options), "pool").verdict, report::Verdict::kIncomparable);
  // Everything else compares as ever.
  EXPECT_NE(row_of(compare(golden(), head), "pool").verdict, report::Verdict::kIncomparable);
}

}  // namespace
}  // namespace poolbench::compare
