#include "compare/verify.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "compare/golden_fixture.h"
#include "stats/histogram.h"

namespace poolbench::compare {

/// For the messages of failing tests.
static void PrintTo(const Finding& finding, std::ostream* stream) {
  *stream << finding.where << " " << finding.problem;
}

namespace {

using base::Json;
using fixture::golden_text;
using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<Finding> verify_json(const Json& json) {
  return verify(json, report::report_from_json(json).value());
}

Json golden_json() {
  static const Json json = Json::parse(golden_text());
  return json;
}

/// What is found when one value is changed and the content hash with it, as an honest mistake in
/// the program would.
std::vector<Finding> findings_after(const std::string& pointer, const Json& value) {
  Json json = golden_json();
  json[Json::json_pointer(pointer)] = value;
  json["content_sha256"] = report::content_sha256(json);
  return verify_json(json);
}

TEST(VerifyTest, EveryKeptMinorVersionIsReadVerifiedAndCompared) {
  int versions = 0;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(POOLBENCH_SOURCE_DIR) +
                                                               "/harness/report/testdata")) {
    if (!entry.path().filename().string().starts_with("report-")) continue;
    SCOPED_TRACE(entry.path());
    const Json json = Json::parse(base::read_file(entry.path()).value());
    EXPECT_THAT(verify_json(json), IsEmpty());
    const auto report = report::report_from_json(json).value();
    EXPECT_FALSE(compare_reports(report, fixture::golden(), {}).value().rows.empty());
    ++versions;
  }
  EXPECT_GE(versions, 1);
}

/// Visits every number of a document.
template <typename Visit>
void each_number(Json& json, Visit visit) {
  if (json.is_number()) visit(json);
  if (!json.is_structured()) return;
  for (Json& member : json) each_number(member, visit);
}

TEST(VerifyTest, FindsAnyChangedNumber) {
  Json json = golden_json();
  const auto report = report::report_from_json(json).value();
  int changed = 0;
  // One of each kind of trial is enough: hashing the whole for each number takes its time.
  each_number(json["cells"][1]["trials"][0], [&](Json& number) {
    const Json before = number;
    number = before.is_number_float() ? Json(before.get<double>() * 1.000001 + 1e-9)
                                      : Json(before.get<std::int64_t>() + 1);
    const auto stated = json["content_sha256"].get<std::string>();
    EXPECT_NE(report::content_sha256(json), stated) << before;
    number = before;
    ++changed;
  });
  EXPECT_GT(changed, 50);
  EXPECT_THAT(verify_json(json), IsEmpty());
}

TEST(VerifyTest, SaysThatAFileWasChangedByHand) {
  Json json = golden_json();
  json["cells"][0]["trials"][0]["cpu_seconds"]["target"] = 1.5;
  const auto findings = verify_json(json);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].where, "content_sha256");
  json.erase("content_sha256");
  EXPECT_THAT(verify_json(json)[0].problem, HasSubstr("is missing"));
}

TEST(VerifyTest, RecomputesWhatFollowsFromOtherFigures) {
  const std::string trial = "/cells/1/trials/0";
  const std::pair<std::string, Json> changes[] = {
      {trial + "/requests/sent", 12345},
      {trial + "/requests/errors", {{"timeout", 3}}},
      {trial + "/throughput_requests_per_second", 1070.25},
      {trial + "/latency_us/count", 7},
      {trial + "/latency_us/p50", 46000.5},
      {trial + "/latency_us/p99", 50000.0},
      {trial + "/latency_us/mean", 46000.5},
      {trial + "/latency_us/max", nullptr},
      {trial + "/latency_hdr_v2_base64",
       "HISTFAAAAB542pNpmSzMwMDAxQABzFCaEUQzMS5gsP8AETjQCgBv1wSS"},
      {trial + "/database/peak_connections", 9},
      {trial + "/database/sessions_per_request", 0.25},
      {trial + "/status", "failed"},
      {"/cells/1/status", "failed"},
      {"/cells/1/summary/throughput_requests_per_second/median", 1070.5},
      {"/cells/1/summary/throughput_requests_per_second/n", 9},
      {"/cells/1/summary/latency_p50_us/ci_low", 1.5},
      {"/comparisons/0/ratio", 5.5},
      {"/comparisons/0/ci_high", 5.75},
      {"/comparisons/0/published_ratio", 9.5},
      {"/comparisons/0/margin", 0.5},
      {"/comparisons/0/p_adjusted", 0.5},
      {"/comparisons/0/verdict", "no_change"},
      {"/comparisons/1/reason", "because"},
      {"/hypotheses/0/verdict", "refuted"},
      {"/hypotheses/0/evidence/cells/0/estimate", 1.5}};
  for (const auto& [pointer, value] : changes) {
    SCOPED_TRACE(pointer);
    const auto findings = findings_after(pointer, value);
    EXPECT_FALSE(findings.empty());
    for (const Finding& finding : findings) EXPECT_NE(finding.where, "content_sha256");
  }
}

/// Those of `ok` began within the window; the rate counts those that arrived within it.
TEST(VerifyTest, TheRateIsThatOfTheSeriesWhateverWasOk) {
  const std::string trial = "/cells/1/trials/0";
  const Json before = golden_json()[Json::json_pointer(trial)];
  Json arrived = before["series"]["requests"];
  arrived[0] = arrived[0].get<int>() + 4;
  EXPECT_THAT(findings_after(trial + "/series/requests", arrived),
              Contains(Field(&Finding::where, "cells[1].trials[0].throughput_requests_per_second")))
      << "it is still ok ÷ measured_seconds";
  EXPECT_THAT(findings_after(trial + "/series/requests", Json::array()),
              Contains(Field(&Finding::where, "cells[1].trials[0].series")));
}

TEST(VerifyTest, SessionsAreThoseOfTheRequestsThatEndedWithThem) {
  const std::string trial = "cells[1].trials[0]";
  Json json = golden_json();
  Json& golden = json["cells"][1]["trials"][0];
  const auto good = golden["requests"]["ok"].get<std::uint64_t>();
  const auto findings_with = [&](std::uint64_t ended, double sessions) {
    golden["requests"]["ended_in_window"] = ended;
    golden["database"]["sessions_opened"] = 2 * good;
    golden["database"]["sessions_per_request"] = sessions;
    std::vector<Finding> findings;
    verify_trial(report::report_from_json(json).value().cells[1].trials[0], false, trial, findings);
    return findings;
  };
  EXPECT_THAT(findings_with(good, 2), IsEmpty());
  EXPECT_THAT(findings_with(good, 1.9),
              Contains(Field(&Finding::where, trial + ".database.sessions_per_request")));
  for (const std::uint64_t impossible : {good / 2, 2 * good}) {
    EXPECT_THAT(findings_with(impossible, 2),
                Contains(Field(&Finding::where, trial + ".requests.ended_in_window")));
  }
}

/// A delay of the generator at every quantile.
Json delays_of(double microseconds) {
  Json delay = {{"count", 10000}};
  for (const auto& each : report::named_quantiles()) delay[each.name] = microseconds;
  return {{"own_delays_us", {{"run_delay", delay}}}};
}

TEST(VerifyTest, AQuantileIsWithheldExactlyWhereTheGeneratorCouldExplainIt) {
  const std::string trial = "/cells/1/trials/0";
  EXPECT_THAT(findings_after(trial + "/latency_us/p50", nullptr),
              Contains(Field(&Finding::where, "cells[1].trials[0].latency_us.p50")));
  EXPECT_THAT(findings_after(trial + "/details", delays_of(1)), IsEmpty());
  EXPECT_THAT(findings_after(trial + "/details", delays_of(1e6)),
              Contains(Field(&Finding::where, "cells[1].trials[0].latency_us.p50")));
}

TEST(VerifyTest, APeakIsHeldAgainstItsOwnSource) {
  const std::string database = "/cells/1/trials/0/database";
  const auto peaks = [&](const Json& source, int peak) {
    Json json = golden_json();
    json[Json::json_pointer(database + "/peak_connections_source")] = source;
    json[Json::json_pointer(database + "/peak_connections")] = peak;
    std::vector<Finding> findings;
    verify_trial(report::report_from_json(json).value().cells[1].trials[0], false, "trial",
                 findings);
    return findings;
  };
  EXPECT_THAT(peaks("log", 9), IsEmpty());  // more than any sample
  EXPECT_FALSE(peaks("log", 0).empty());    // though there were some
  EXPECT_FALSE(peaks("samples", 9).empty());
  EXPECT_FALSE(peaks(nullptr, 9).empty());  // as before 1.2
  EXPECT_THAT(peaks("samples", 8), IsEmpty());
}

TEST(VerifyTest, NamesThePlace) {
  EXPECT_THAT(findings_after("/cells/1/trials/0/requests/sent", 12345),
              Contains(Field(&Finding::where, "cells[1].trials[0].requests")));
  EXPECT_THAT(findings_after("/comparisons/0/ratio", 5.5),
              Contains(Field(&Finding::where, "comparisons[0].ratio")));
}

TEST(VerifyTest, RecomputesAPooledQuantile) {
  const std::string file = "/harness/report/testdata/report-1.2.json";
  report::Report report = report::read_report(POOLBENCH_SOURCE_DIR + file).value();
  report::CellReport& cell = report.cells[1];
  stats::Histogram us;
  us.record(50000, 900);
  cell.trials[0].measurement->latency_us = report::quantiles_of(us);
  cell.trials[0].measurement->latency_hdr_v2_base64 = us.encode();
  report::summarise(cell);
  const auto places = [&](double factor) {
    report::Report changed = report;
    for (report::Summary& summary : changed.cells[1].summary) {
      if (summary.pooled) *summary.pooled *= factor;
    }
    std::vector<std::string> found;
    for (const Finding& finding : verify_json(report::to_json(changed))) {
      found.push_back(finding.where);
    }
    return found;
  };
  const std::string place = "cells[1].summary.latency_p99_us.pooled";
  EXPECT_THAT(places(1), Not(Contains(place)));
  EXPECT_THAT(places(1.001), Contains(place));
}

/// A run of one cell in one block, whose trial ran three times.
report::Report run_again() {
  report::Report report;
  report.cells.emplace_back().id = "all";
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto& trial = report.cells[0].trials.emplace_back();
    trial.attempt = attempt;
    trial.disturbed = true;
    trial.status = attempt == 1 ? report::TrialStatus::kOk : report::TrialStatus::kSuperseded;
  }
  report.design.blocks_completed = 1;
  report.design.trials_rerun = 2;
  return report;
}

std::vector<Finding> verify_fresh(report::Report report) {
  for (auto& cell : report.cells) report::summarise(cell);
  return verify_json(Json::parse(report::report_text(report)));
}

TEST(VerifyTest, OfTheAttemptsAtATrialOneCounts) {
  EXPECT_THAT(verify_fresh(run_again()), IsEmpty());
  report::Report report = run_again();
  report.cells[0].trials[0].status = report::TrialStatus::kOk;
  EXPECT_THAT(verify_fresh(report),
              Contains(Field(&Finding::problem, HasSubstr("more than one trial that counts"))));
  report = run_again();
  report.cells[0].trials[1].status = report::TrialStatus::kSuperseded;
  EXPECT_THAT(verify_fresh(report),
              Contains(Field(&Finding::problem, HasSubstr("superseded trials only"))));
  report = run_again();
  report.cells[0].trials.erase(report.cells[0].trials.begin());
  EXPECT_THAT(verify_fresh(report),
              Contains(Field(&Finding::problem, HasSubstr("lacks an attempt"))));
  report = run_again();
  report.design.trials_rerun = 1;
  EXPECT_THAT(verify_fresh(report), Contains(Field(&Finding::where, "design.trials_rerun")));
}

TEST(VerifyTest, AFailedCellOfAnOlderReportMayTellOfSteal) {
  report::Report report;
  report.schema_version = "1.1";
  auto& trials = report.cells.emplace_back(fixture::golden().cells[0]).trials;
  trials.resize(2);
  for (auto& trial : trials) trial.status = report::TrialStatus::kInvalid;
  trials[0].reasons = {"the hypervisor took 4.0 % of the CPU time (steal)"};
  trials[1].reasons = {"12 requests failed"};
  trials[1].measurement->requests.errors = {{"timeout", 12}};
  trials[1].measurement->requests.sent += 12;
  trials[1].database.sessions_opened.reset();
  trials[1].position = 0;
  report::CellReport& cell = report.cells[0];
  cell.schema_minor = report::kSchemaMinor;
  report::summarise(cell);
  EXPECT_EQ(cell.error, "12 requests failed");
  cell.schema_minor = 1;
  report::summarise(cell);
  EXPECT_EQ(cell.error, trials[0].reasons[0]);
  const auto problems = [&] { return verify_json(Json::parse(report::report_text(report))); };
  EXPECT_THAT(problems(), IsEmpty());
  report.schema_version = "1.2";
  EXPECT_THAT(problems(), Contains(Field(&Finding::where, "cells[0].error")));
}

TEST(VerifyTest, AcceptsAnEmptyReport) {
  const Json json = Json::parse(report::report_text(report::Report{}));
  EXPECT_THAT(verify_json(json), IsEmpty());
}

TEST(VerifyTest, OfACompactReportItSaysWhatItCouldNotCheck) {
  report::Report report = report::report_from_json(golden_json()).value();
  EXPECT_EQ(unverified(report), "");
  report::make_compact(report);
  Json json = Json::parse(report::report_text(report));
  EXPECT_THAT(verify_json(json), IsEmpty());
  EXPECT_THAT(unverified(report), HasSubstr("compact"));
  Json with_series = golden_json();
  with_series["compact"] = true;
  with_series["content_sha256"] = report::content_sha256(with_series);
  EXPECT_THAT(verify_json(with_series), Contains(Field(&Finding::problem, HasSubstr("compact"))));
  json["cells"][1]["trials"][0]["requests"]["sent"] = 1;
  json["content_sha256"] = report::content_sha256(json);
  EXPECT_THAT(verify_json(json), Not(IsEmpty())) << "counts are checked as always";
}

}  // namespace
}  // namespace poolbench::compare
