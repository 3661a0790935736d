#include "report/report.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "report/metric.h"
#include "report/text.h"
#include "stats/histogram.h"

namespace poolbench::report {
namespace {

using base::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kTestdata = std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/";

std::string golden_text() { return base::read_file(kTestdata + "report-1.2.json").value(); }

Trial trial_with_rate(double rate, TrialStatus status = TrialStatus::kOk) {
  Trial trial;
  trial.status = status;
  trial.measurement.emplace().throughput_requests_per_second = rate;
  return trial;
}

TEST(ReportTest, WritesTheGoldenReportAgainByteForByte) {
  const std::string text = golden_text();
  const auto report = parse_report(text);
  ASSERT_TRUE(report.has_value()) << base::to_text(report.error());
  EXPECT_EQ(report_text(*report), text);
}

TEST(ReportTest, ReadsReportsOfTheFirstSchema) {
  const auto report = read_report(kTestdata + "report-1.0.json");
  ASSERT_TRUE(report.has_value()) << base::to_text(report.error());
  const HostEvidence& host = report->cells[0].trials[0].host;
  EXPECT_EQ(host.steal_ratio, 0.001);
  EXPECT_EQ(host.throttled_periods, std::nullopt);
}

TEST(ReportTest, ReadsReportsOfTheSecondSchema) {
  const auto report = read_report(kTestdata + "report-1.1.json");
  ASSERT_TRUE(report.has_value()) << base::to_text(report.error());
  EXPECT_EQ(report->schema_version, "1.1");
  EXPECT_EQ(report->cells.size(), 6U);
}

TEST(ReportTest, ACellOfWhichTheGeneratorWasTheLimitHasNoRateButHasNotFailed) {
  CellReport cell;
  cell.config = {{"load", {{"rate", 1000}}}};
  cell.trials = {trial_with_rate(900, TrialStatus::kInvalid),
                 trial_with_rate(900, TrialStatus::kInvalid)};
  for (Trial& trial : cell.trials) trial.measurement->generator_limited = true;
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kPlanned);
  EXPECT_THAT(cell.summary, ::testing::IsEmpty());
  cell.schema_minor = 1;
  summarise(cell);
  cell.schema_minor = kSchemaMinor;
  EXPECT_EQ(cell.status, CellStatus::kFailed) << "so it was said before 1.2";
  for (Trial& trial : cell.trials) trial.measurement->generator_limited = false;
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kFailed) << "then it was the target that missed the rate";
}

TEST(ReportTest, SupersededTrialsAreInNoSummary) {
  Report report = parse_report(golden_text()).value();
  CellReport& cell = report.cells[0];
  ASSERT_EQ(cell.trials.back().status, TrialStatus::kSuperseded);
  summarise(cell);
  EXPECT_EQ(cell.summary.front().n, 8);
  cell.trials.back().status = TrialStatus::kOk;
  summarise(cell);
  EXPECT_EQ(cell.summary.front().n, 9);
}

TEST(ReportTest, ReadsEveryPartOfATrial) {
  const Report report = parse_report(golden_text()).value();
  ASSERT_EQ(report.cells.size(), 6U);
  const Trial& trial = report.cells[1].trials[2];
  EXPECT_EQ(trial.block, 2);
  EXPECT_EQ(trial.phases.front().parts.size(), 3U);
  ASSERT_TRUE(trial.measurement.has_value());
  EXPECT_EQ(trial.measurement->generator, "native");
  EXPECT_EQ(trial.database.peak_connections, 8);
  EXPECT_EQ(trial.peak_rss_bytes.target, 123456789);
  EXPECT_EQ(trial.missing.front().second, "/proc/pressure/cpu does not exist");
  EXPECT_FALSE(report.cells[5].trials[0].measurement.has_value());
}

TEST(ReportTest, KeepsTheWarningsOfTrialAndGeneratorApart) {
  Report report;
  Trial& trial = report.cells.emplace_back().trials.emplace_back();
  trial.warnings = {"of the trial"};
  trial.measurement.emplace().warnings = {"of the generator"};
  const Report back = parse_report(report_text(report)).value();
  EXPECT_THAT(back.cells[0].trials[0].warnings, ::testing::ElementsAre("of the trial"));
  EXPECT_THAT(back.cells[0].trials[0].measurement->warnings,
              ::testing::ElementsAre("of the generator"));
}

TEST(ReportTest, NamesThePlaceOfAMistake) {
  Json json = Json::parse(golden_text());
  json["cells"][0]["trials"][3]["block"] = "three";
  const auto wrong = report_from_json(json);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, base::ErrorCode::kBadInput);
  EXPECT_THAT(wrong.error().message,
              HasSubstr("cells[0].trials[3].block should be an integer, but is of type string"));
  json["cells"][0].erase("trials");
  EXPECT_THAT(report_from_json(json).error().message, HasSubstr("cells[0].trials is missing"));
}

TEST(ReportTest, NamesThePlaceOfAWordThatNobodyKnows) {
  const std::pair<const char*, const char*> words[] = {
      {"/outcome", "outcome should be completed, out_of_time, interrupted or failed, but is \"x\""},
      {"/cells/0/status", "cells[0].status should be planned, ok or failed"},
      {"/cells/0/trials/2/status", "cells[0].trials[2].status should be ok, failed, invalid, "},
      {"/cells/0/trials/2/database/peak_connections_source",
       "cells[0].trials[2].database.peak_connections_source should be log or samples"},
      {"/comparisons/1/verdict", "comparisons[1].verdict should be improved, regressed, "},
      {"/hypotheses/0/verdict", "hypotheses[0].verdict should be confirmed, refuted or "}};
  for (const auto& [pointer, message] : words) {
    Json json = Json::parse(golden_text());
    json[Json::json_pointer(pointer)] = "x";
    const auto report = report_from_json(json);
    ASSERT_FALSE(report.has_value()) << pointer;
    EXPECT_THAT(report.error().message, HasSubstr(message));
  }
}

TEST(ReportTest, RefusesNumbersThatDoNotFit) {
  for (const char* number : {"-1.5", "1e300", "18446744073709551615", "99999999999", "true"}) {
    Json json = Json::parse(golden_text());
    json["cells"][0]["trials"][0]["block"] = Json::parse(number);
    EXPECT_FALSE(report_from_json(json).has_value()) << number;
  }
}

TEST(ReportTest, ReadsOlderAndNewerMinorsButNoOtherMajor) {
  Json json = Json::parse(golden_text());
  json["schema_version"] = "1.7";
  json["something_new"] = {{"a", 1}};
  EXPECT_TRUE(report_from_json(json).has_value());
  json["schema_version"] = "2.0";
  EXPECT_THAT(report_from_json(json).error().message,
              HasSubstr("schema_version is 2.0, but this program reads 1.x"));
  for (const char* version : {"", "1", "one.0", "10", "-1.0", "11.0"}) {
    json["schema_version"] = version;
    EXPECT_FALSE(report_from_json(json).has_value()) << version;
  }
}

TEST(ReportTest, RefusesTextThatIsNoReport) {
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{\"a\":"), golden_text().substr(0, 5000),
        std::string(100000, '['), std::string("\xff\xfe"), std::string("1e999")}) {
    const auto report = parse_report(text);
    ASSERT_FALSE(report.has_value());
    EXPECT_THAT(report.error().message, HasSubstr("not a report of poolbench"));
  }
}

TEST(ReportTest, NamesTheFileItCannotRead) {
  EXPECT_EQ(read_report("/nowhere/report.json").error().where, "/nowhere/report.json");
  const auto file = std::filesystem::temp_directory_path() / "poolbench-not-a-report.json";
  ASSERT_TRUE(base::write_file_atomically(file, "{}").has_value());
  const auto wrong = read_report(file);
  std::filesystem::remove(file);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().where, file.string());
  EXPECT_THAT(wrong.error().message, HasSubstr("schema_version is missing"));
}

TEST(ReportTest, WritesWhatItReads) {
  const Report report = parse_report(golden_text()).value();
  const auto file = std::filesystem::temp_directory_path() / "poolbench-report-test.json";
  ASSERT_TRUE(write_report(report, file).has_value());
  EXPECT_EQ(base::read_file(file).value(), golden_text());
  std::filesystem::remove(file);
}

TEST(ReportTest, WritesLogTailsThatAreNotUtf8) {
  Report report;
  report.cells.emplace_back().error = "caf\xe9 \xff";
  EXPECT_THAT(report_text(report), HasSubstr("caf\xEF\xBF\xBD"));
  EXPECT_TRUE(parse_report(report_text(report)).has_value());
}

TEST(MetricTest, KnowsEveryMetricOfScenarios) {
  for (const std::string& name : metric_names({})) {
    EXPECT_TRUE(find_metric(name, {}).has_value()) << name;
  }
  EXPECT_FALSE(find_metric("speed", {}).has_value());
}

TEST(MetricTest, HasAMarginForEachQuantileOfLatency) {
  const std::pair<const char*, double> margins[] = {
      {"latency_p50_us", 0.05}, {"latency_p75_us", 0.05}, {"latency_p90_us", 0.10},
      {"latency_p95_us", 0.10}, {"latency_p99_us", 0.10}, {"latency_p999_us", 0.20}};
  for (const auto& [name, margin] : margins) {
    ASSERT_TRUE(find_metric(name, {}).has_value()) << name;
    EXPECT_EQ(find_metric(name, {})->margin, margin) << name;
    EXPECT_NE(quantile_of(built_in_metric(name)), nullptr) << name;
  }
  EXPECT_FALSE(find_metric("", {}).has_value());
  EXPECT_EQ(quantile_of(built_in_metric("error_ratio")), nullptr);
}

TEST(MetricTest, TakesEachFromItsPlaceInTheTrial) {
  const Report report = parse_report(golden_text()).value();
  const Trial& trial = report.cells[0].trials[0];
  const auto sent = static_cast<double>(trial.measurement->requests.worked_on());
  EXPECT_EQ(metric_of(trial, *find_metric("latency_p50_us", {})),
            trial.measurement->latency_us.p50);
  EXPECT_NEAR(*metric_of(trial, *find_metric("target_cpu_us_per_request", {})), 4100, 200);
  EXPECT_DOUBLE_EQ(*metric_of(trial, *find_metric("postgres_cpu_us_per_request", {})),
                   *trial.cpu_seconds.postgres * 1e6 / sent);
  EXPECT_EQ(metric_of(trial, *find_metric("error_ratio", {})), 0);
  EXPECT_EQ(metric_of(trial, *find_metric("peak_connections", {})), 4);
  for (const std::string& name : metric_names({})) {
    EXPECT_EQ(metric_of(Trial{}, *find_metric(name, {})), std::nullopt) << name;
  }
}

TEST(MetricTest, ShowsAtLeastThreeDigits) {
  EXPECT_EQ(format_number(1054.3), "1054");
  EXPECT_EQ(format_number(99.96), "100");
  EXPECT_EQ(format_number(8.374), "8.37");
  EXPECT_EQ(format_number(0.9996), "1.00");
  EXPECT_EQ(format_number(0.0512), "0.051");
  EXPECT_EQ(format_number(0.0021), "0.0021");
  EXPECT_EQ(format_number(0.00000021), "<0.0001");
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_value(*find_metric("latency_p99_us", {}), 257000), "257");
  EXPECT_EQ(format_value(*find_metric("peak_connections", {}), 8), "8");
}

TEST(SummariseTest, UsesOnlyGoodTrials) {
  CellReport cell;
  for (int i = 1; i <= 11; ++i) cell.trials.push_back(trial_with_rate(100 + i));
  cell.trials.push_back(trial_with_rate(5, TrialStatus::kFailed));
  cell.trials.push_back(trial_with_rate(7, TrialStatus::kInvalid));
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kOk);
  ASSERT_FALSE(cell.summary.empty());
  EXPECT_EQ(cell.summary[0].metric, "throughput_requests_per_second");
  EXPECT_EQ(cell.summary[0].n, 11);
  EXPECT_DOUBLE_EQ(*cell.summary[0].median, 106);
  EXPECT_TRUE(cell.summary[0].ci_low.has_value());
}

TEST(SummariseTest, FailsACellWithMoreThanATenthFailed) {
  CellReport cell;
  for (int i = 0; i < 8; ++i) cell.trials.push_back(trial_with_rate(100));
  cell.trials.push_back(trial_with_rate(5, TrialStatus::kFailed));
  cell.trials.back().reasons = {"no answer"};
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kFailed);
  EXPECT_EQ(cell.error, "no answer");
  EXPECT_TRUE(cell.summary.empty());
}

TEST(SummariseTest, CountsErrorsAsFailuresUnlessTheyAreTolerated) {
  CellReport cell;
  for (int i = 0; i < 8; ++i) cell.trials.push_back(trial_with_rate(100));
  cell.trials.push_back(trial_with_rate(99, TrialStatus::kInvalid));
  cell.trials.back().measurement->requests = {1000, 999, {{"status_5xx", 1}}, 0, {}};
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kFailed);
  cell.config = {{"load", {{"tolerated_error_ratio", 0.01}}}};  // invalid for some other reason
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kOk);
}

TEST(SummariseTest, CountsTrialsThatWereTooSlowForWhatWasAskedAsFailures) {
  CellReport cell;
  for (int i = 0; i < 8; ++i) cell.trials.push_back(trial_with_rate(100));
  cell.trials.push_back(trial_with_rate(97, TrialStatus::kInvalid));
  cell.trials.back().measurement->latency_us.mean = 13000;
  for (const base::Json& load : {base::Json{{"rate", 100.0}}, base::Json{{"slice", "100ms"}}}) {
    cell.config = {{"load", load}};
    summarise(cell);
    EXPECT_EQ(cell.status, CellStatus::kFailed) << load;
  }
  for (const base::Json& load : {base::Json{{"rate", 97.5}}, base::Json{{"slice", "200ms"}}}) {
    cell.config = {{"load", load}};  // invalid for some other reason
    summarise(cell);
    EXPECT_EQ(cell.status, CellStatus::kOk) << load;
  }
}

TEST(SummariseTest, LeavesACellPlannedUntilATrialIsGood) {
  CellReport cell;
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kPlanned);
  cell.trials.push_back(trial_with_rate(5, TrialStatus::kInterrupted));
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kPlanned);
  cell.trials.push_back(trial_with_rate(5, TrialStatus::kInvalid));
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kPlanned) << "it is not the target that was at fault";
}

/// A good trial that answered `count` times, one in fifty of them slowly.
Trial trial_with_answers(std::uint64_t count, std::uint64_t slow_us = 9000) {
  Trial trial = trial_with_rate(100);
  stats::Histogram us;
  us.record(1000, count - count / 50);
  us.record(slow_us, count / 50);
  trial.measurement->measured_seconds = 3;
  trial.measurement->latency_us = quantiles_of(us);
  trial.measurement->latency_hdr_v2_base64 = us.encode();
  return trial;
}

const Summary& summary_of(const CellReport& cell, const std::string& metric) {
  static const Summary kNone;
  const auto found = std::ranges::find(cell.summary, metric, &Summary::metric);
  return found == cell.summary.end() ? kNone : *found;
}

TEST(SummariseTest, EstimatesAQuantileThatEveryGoodTrialHas) {
  CellReport cell;
  for (int i = 0; i < 6; ++i) cell.trials.push_back(trial_with_answers(1000));
  cell.trials.push_back(trial_with_answers(50));
  cell.trials.back().status = TrialStatus::kSuperseded;
  summarise(cell);
  const Summary& p99 = summary_of(cell, "latency_p99_us");
  EXPECT_EQ(p99.n, 6);
  EXPECT_EQ(p99.median, 9007);  // as a histogram of three digits has it
  EXPECT_TRUE(p99.ci_low.has_value());
  EXPECT_EQ(p99.pooled, std::nullopt);
  EXPECT_EQ(p99.reason, "");
}

TEST(SummariseTest, PoolsAQuantileThatATrialIsTooShortFor) {
  CellReport cell;
  for (int i = 0; i < 6; ++i) cell.trials.push_back(trial_with_answers(1000));
  cell.trials.push_back(trial_with_answers(400, 20000));
  summarise(cell);
  const Summary& p99 = summary_of(cell, "latency_p99_us");
  EXPECT_EQ(p99.n, 7);
  EXPECT_EQ(p99.median, std::nullopt) << "it would be that of the faster trials";
  EXPECT_EQ(p99.ci_low, std::nullopt);
  EXPECT_EQ(p99.pooled, 9007);
  EXPECT_EQ(p99.reason, "a trial has 400 answers, p99 needs 1000; load.measure = \"9s\" would do");
  EXPECT_TRUE(summary_of(cell, "latency_p95_us").median.has_value());
  cell.config = {{"load", {{"requests", 400}}}};
  summarise(cell);
  EXPECT_THAT(summary_of(cell, "latency_p99_us").reason, HasSubstr("load.requests = 1000 would"));
  const Summary& p999 = summary_of(cell, "latency_p999_us");
  EXPECT_EQ(p999.pooled, std::nullopt);
  EXPECT_THAT(p999.reason, HasSubstr("; all 6400 together are too few as well"));
}

TEST(SummariseTest, PoolsNothingWithoutHistogramsOrWhereAnswersWereEnough) {
  CellReport cell;
  for (int i = 0; i < 6; ++i) cell.trials.push_back(trial_with_answers(400));
  cell.trials[2].measurement->latency_hdr_v2_base64.clear();
  summarise(cell);
  EXPECT_EQ(summary_of(cell, "latency_p99_us").pooled, std::nullopt);
  EXPECT_EQ(summary_of(cell, "latency_p99_us").reason,
            "a trial has 400 answers, p99 needs 1000; load.measure = \"9s\" would do; not every "
            "trial has a histogram to pool");
  for (Trial& trial : cell.trials) trial = trial_with_answers(1000);
  cell.trials[3].measurement->latency_us.p99.reset();
  cell.trials[3].missing = {{"latency_us.p99", "the generator was late"}};
  summarise(cell);
  EXPECT_EQ(summary_of(cell, "latency_p99_us").pooled, std::nullopt);
  EXPECT_EQ(summary_of(cell, "latency_p99_us").reason, "the generator was late");
}

TEST(SummariseTest, OldReportsKeepTheRuleOfTheirTime) {
  CellReport cell;
  cell.schema_minor = 1;
  for (int i = 0; i < 6; ++i) {
    Trial& trial = cell.trials.emplace_back(trial_with_answers(i == 0 ? 9000 : 10000));
    const auto us = stats::Histogram::decode(trial.measurement->latency_hdr_v2_base64).value();
    trial.measurement->latency_us = quantiles_of(us, kAnswersBeyondBefore12);
  }
  summarise(cell);
  EXPECT_EQ(summary_of(cell, "latency_p99_us").n, 5);
  EXPECT_TRUE(summary_of(cell, "latency_p99_us").median.has_value());
  EXPECT_EQ(summary_of(cell, "latency_p90_us").metric, "") << "no metric of its time";
}

TEST(ReportTest, KeepsAPooledQuantileAndItsReason) {
  Report report;
  CellReport& cell = report.cells.emplace_back();
  for (int i = 0; i < 6; ++i) cell.trials.push_back(trial_with_answers(400));
  summarise(cell);
  const Report back = parse_report(report_text(report)).value();
  const Summary& p99 = summary_of(back.cells[0], "latency_p99_us");
  EXPECT_EQ(p99.pooled, 9007);
  EXPECT_EQ(p99.reason, summary_of(cell, "latency_p99_us").reason);
  EXPECT_EQ(p99.median, std::nullopt);
}

TEST(SummariseTest, ACellThatFailedByErrorsTellsOfThemAndOfNothingElse) {
  CellReport cell;
  for (int i = 0; i < 3; ++i) cell.trials.push_back(trial_with_rate(100));
  for (const char* reason : {"the hypervisor took 3.0 % of the CPU time (steal)",
                             "the generator was the limit, not the target", "12 requests failed"}) {
    cell.trials.push_back(trial_with_rate(99, TrialStatus::kInvalid));
    cell.trials.back().reasons = {reason};
  }
  cell.trials.back().measurement->requests = {1000, 988, {{"status_5xx", 12}}, 0, {}};
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kFailed);
  EXPECT_EQ(cell.error, "12 requests failed");
}

/// A trial that only the machine spoilt, with a rate and sessions.
Trial spoilt_trial(double rate, double sessions) {
  Trial trial = trial_with_rate(rate, TrialStatus::kInvalid);
  trial.disturbed = true;
  trial.reasons = {"the clock was set by +3.000 s meanwhile"};
  trial.database.sessions_per_request = sessions;
  return trial;
}

TEST(SummariseTest, OfATrialThatTheMachineSpoiltOnlyItsCountsAreUsed) {
  CellReport cell;
  for (int i = 0; i < 7; ++i) {
    cell.trials.push_back(trial_with_rate(100));
    cell.trials.back().database.sessions_per_request = 1;
  }
  cell.trials.front().disturbed = true;  // which it counts with
  cell.trials.push_back(spoilt_trial(5, 1));
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kOk);
  std::map<std::string, int> n;
  for (const Summary& summary : cell.summary) n[summary.metric] = summary.n;
  EXPECT_EQ(n["throughput_requests_per_second"], 7);
  EXPECT_EQ(n["sessions_per_request"], 8);
}

TEST(SummariseTest, ACellOfWhichTheMachineSpoiltEveryTrialHasNotFailed) {
  CellReport cell;
  cell.trials = {spoilt_trial(5, 1), spoilt_trial(6, 1)};
  summarise(cell);
  EXPECT_EQ(cell.status, CellStatus::kPlanned);
  EXPECT_EQ(cell.error, "");
  ASSERT_EQ(cell.summary.front().metric, "sessions_per_request");
  EXPECT_EQ(cell.summary.front().median, 1);
}

TEST(Overhead, LeavesOutWhatIsNotOurs) {
  const std::vector<Phase> phases{
      {"start", 1.5, {{"database", 0.1}, {"boot", 1.0}, {"workers", 0.4}}},
      {"verify", 0.02, {}},
      {"warm-up", 1, {}},
      {"measure", 5, {}},
      {"drain", 0.2, {}},
      {"stop", 0.33, {{"target", 0.3}}}};
  EXPECT_NEAR(overhead_seconds(phases), 0.1 + 0.02 + 0.03, 1e-9);
}

TEST(SummariseTest, GivesNoIntervalBelowSixTrials) {
  CellReport cell;
  for (int i = 0; i < 5; ++i) cell.trials.push_back(trial_with_rate(100 + i));
  summarise(cell);
  EXPECT_EQ(cell.summary[0].median, 102);
  EXPECT_EQ(cell.summary[0].ci_low, std::nullopt);
}

Quantiles a_median(double us, std::uint64_t count) {
  Quantiles quantiles;
  quantiles.count = count;
  quantiles.p50 = us;
  return quantiles;
}

Trial mixed_trial() {
  Trial trial;
  trial.status = TrialStatus::kOk;
  Measurement& measured = trial.measurement.emplace();
  measured.requests.sent = 100;
  measured.requests.ok = 96;
  measured.requests.errors = {{"status_5xx", 4}};
  EndpointFigures& order = measured.endpoints["order"];
  order = {10, 6, {{"status_5xx", 4}}, 3, a_median(8000, 2000), {{"p99", "too much waiting"}}};
  measured.endpoints["ci.ty"] = {90, 90, {}, 45, a_median(2000, 90), {}};
  return trial;
}

/// Two metrics of a target, and a trial that has one of them.
const DeclaredMetrics kDeclared = {{"target.wait_ms", "ms", Better::kLower, 0.1,
                                    MetricKind::kCounter, Per::kRequest, MetricSource::kHttpJson},
                                   {"target.size_mean",
                                    "connections",
                                    Better::kNeither,
                                    0.05,
                                    MetricKind::kGauge,
                                    {},
                                    MetricSource::kSql}};

TEST(DeclaredMetrics, StandBesideTheBuiltInOnes) {
  const auto metric = find_metric("target.wait_ms", kDeclared);
  ASSERT_TRUE(metric.has_value());
  EXPECT_EQ(metric->label, "target.wait_ms ms/request");
  EXPECT_EQ(metric->better, Better::kLower);
  EXPECT_EQ(metric->margin, 0.1);
  EXPECT_EQ(metric_label("target.size_mean", kDeclared), "target.size_mean connections");
  EXPECT_FALSE(find_metric("target.wait_ms", {}).has_value());
  EXPECT_THAT(metric_names(kDeclared),
              ::testing::IsSupersetOf({"error_ratio", "target.wait_ms", "target.size_mean"}));
}

TEST(DeclaredMetrics, AreTakenFromTheTrialAndSummarised) {
  CellReport cell;
  for (int block = 0; block < 7; ++block) {
    Trial trial = trial_with_rate(100);
    trial.block = block;
    trial.metrics = {{"target.wait_ms", 2.0 + block}, {"target.size_mean", std::nullopt}};
    trial.missing = {{"metrics.target.size_mean", "the query failed"}};
    cell.trials.push_back(std::move(trial));
  }
  summarise(cell, kDeclared);
  const auto summary = std::ranges::find(cell.summary, "target.wait_ms", &Summary::metric);
  ASSERT_NE(summary, cell.summary.end());
  EXPECT_EQ(summary->median, 5);
  EXPECT_EQ(summary->n, 7);
  EXPECT_EQ(std::ranges::find(cell.summary, "target.size_mean", &Summary::metric),
            cell.summary.end());
}

TEST(DeclaredMetrics, SurviveTheReport) {
  Report report = parse_report(golden_text()).value();
  report.metrics = kDeclared;
  report.cells[0].trials[0].metrics = {{"target.wait_ms", 2.5}, {"target.size_mean", std::nullopt}};
  const Report read = parse_report(report_text(report)).value();
  EXPECT_EQ(read.metrics, kDeclared);
  EXPECT_EQ(read.cells[0].trials[0].metrics, report.cells[0].trials[0].metrics);
  EXPECT_EQ(report_text(read), report_text(report));
}

TEST(EndpointMetrics, AreThoseOfOneEndpoint) {
  const Trial trial = mixed_trial();
  EXPECT_EQ(metric_of(trial, *find_metric("endpoint.order.latency_p50_us", {})), 8000);
  EXPECT_EQ(metric_of(trial, *find_metric("endpoint.order.error_ratio", {})), 0.4);
  EXPECT_EQ(metric_of(trial, *find_metric("endpoint.ci.ty.throughput_requests_per_second", {})),
            45);
  EXPECT_EQ(metric_of(trial, *find_metric("endpoint.order.latency_p99_us", {})), std::nullopt);
  EXPECT_EQ(metric_of(trial, *find_metric("endpoint.cart.latency_p50_us", {})), std::nullopt);
  EXPECT_EQ(metric_label("endpoint.order.latency_p50_us", {}), "order p50 ms");
  EXPECT_EQ(find_metric("endpoint.order.latency_p50_us", {})->endpoint, "order");
  for (const char* none : {"endpoint.order.sessions_per_request", "endpoint.order.speed",
                           "endpoint..latency_p50_us", "endpoint.latency_p50_us", "endpoint."}) {
    EXPECT_FALSE(find_metric(none, {}).has_value()) << none;
  }
}

Trial trial_through(const char* service) {
  Trial trial = mixed_trial();
  const auto requests = static_cast<double>(trial.measurement->requests.worked_on());
  trial.services[service] = {requests * 0.0005, 4096};
  trial.path = {2500, 40, 300, 20};
  return trial;
}

TEST(ServiceMetrics, AreThoseOfOneService) {
  const Trial trial = trial_through("pgbouncer");
  const auto metric = find_metric("service.pgbouncer.cpu_us_per_request", {});
  ASSERT_TRUE(metric.has_value());
  EXPECT_NEAR(metric_of(trial, *metric).value_or(0), 500, 1e-6);
  EXPECT_EQ(metric->label, "pgbouncer CPU µs/request");
  EXPECT_EQ(metric_of(trial, *find_metric("service.other.cpu_us_per_request", {})), std::nullopt);
  for (const char* none : {"service.pgbouncer.speed", "service..cpu_us_per_request", "service."}) {
    EXPECT_FALSE(find_metric(none, {}).has_value()) << none;
  }
}

TEST(ServiceMetrics, AndThePathAreInTheSummaryAndItsText) {
  Report report;
  CellReport& cell = report.cells.emplace_back();
  cell.id = "via=pgbouncer";
  cell.config["postgres"]["via"] = "pgbouncer";
  for (int i = 0; i < 6; ++i) cell.trials.push_back(trial_through("pgbouncer"));
  summarise(cell);
  const std::string text = to_text(report, {});
  EXPECT_THAT(text, testing::HasSubstr("target+PG+gen.+services"));
  EXPECT_THAT(text, testing::ContainsRegex("\\+0\\.50"));
  EXPECT_THAT(text, testing::ContainsRegex("via=pgbouncer +pgbouncer +2\\.50 +0\\.040"));
  const auto again = parse_report(report_text(report));
  ASSERT_TRUE(again) << again.error().message;
  const Trial& trial = again->cells.front().trials.front();
  EXPECT_EQ(trial.services.at("pgbouncer").peak_rss_bytes, 4096U);
  EXPECT_EQ(trial.path->round_trip_us, 40);
}

TEST(EndpointMetrics, AreInTheSummaryOfACellAndInItsText) {
  Report report;
  CellReport& cell = report.cells.emplace_back();
  cell.id = "pool=true";
  for (int i = 0; i < 6; ++i) cell.trials.push_back(mixed_trial());
  summarise(cell);
  const auto found =
      std::ranges::find(cell.summary, "endpoint.order.latency_p50_us", &Summary::metric);
  ASSERT_NE(found, cell.summary.end());
  EXPECT_EQ(found->median, 8000);
  EXPECT_THAT(to_text(report, {}), testing::ContainsRegex("order +3\\.00 +8\\.00 +– +24"));
}

TEST(EndpointFigures, SurviveTheReportWithTheReasonsForWhatIsMissing) {
  const Measurement measured = *mixed_trial().measurement;
  const base::Json json = to_json(measured);
  EXPECT_EQ(json.at("missing").at("endpoints.order.latency_us.p99"), "too much waiting");
  const auto read = measurement_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  base::Json single = to_json(Measurement{});
  EXPECT_FALSE(single.contains("endpoints"));
}

}  // namespace
}  // namespace poolbench::report
