#include "report/report.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "report/trial_fixture.h"

namespace poolbench::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

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
  const base::TemporaryFolder folder;
  const auto file = folder / "report.json";
  ASSERT_TRUE(base::write_file_atomically(file, "{}").has_value());
  const auto wrong = read_report(file);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().where, file.string());
  EXPECT_THAT(wrong.error().message, HasSubstr("schema_version is missing"));
}

TEST(ReportTest, WritesWhatItReads) {
  const Report report = parse_report(golden_text()).value();
  const base::TemporaryFolder folder;
  const auto file = folder / "report.json";
  ASSERT_TRUE(write_report(report, file).has_value());
  EXPECT_EQ(base::read_file(file).value(), golden_text());
}

TEST(ReportTest, WritesLogTailsThatAreNotUtf8) {
  Report report;
  report.cells.emplace_back().error = "caf\xe9 \xff";
  EXPECT_THAT(report_text(report), HasSubstr("caf\xEF\xBF\xBD"));
  EXPECT_TRUE(parse_report(report_text(report)).has_value());
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

}  // namespace
}  // namespace poolbench::report
