#include "run/validity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

scenario::Cell cell_using_database(bool database) {
  auto spec = std::make_shared<scenario::TargetSpec>();
  spec->endpoints["query"].database = database;
  scenario::Cell cell;
  cell.target.spec = std::move(spec);
  cell.target.endpoint = "query";
  return cell;
}

report::Trial trial_with(std::uint64_t ok, std::map<std::string, std::uint64_t> errors) {
  report::Trial trial;
  trial.measurement.emplace();
  trial.measurement->requests.ok = ok;
  trial.measurement->requests.errors = std::move(errors);
  trial.measurement->requests.sent = ok + trial.measurement->requests.failed();
  trial.measurement->first_error = "status 500";
  return trial;
}

TEST(Validity, ATrialWithoutErrorsIsOk) {
  auto trial = trial_with(1000, {});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "ok");
  EXPECT_THAT(trial.reasons, IsEmpty());
}

TEST(Validity, OneErrorMakesATrialInvalidAndNamesIt) {
  auto trial = trial_with(999, {{"status_5xx", 1}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "invalid");
  EXPECT_THAT(trial.reasons.front(), HasSubstr("1 of 1000 requests failed: 1 status_5xx"));
  EXPECT_THAT(trial.reasons.front(), HasSubstr("status 500"));
}

TEST(Validity, ManyErrorsMakeATrialFailed) {
  auto trial = trial_with(500, {{"status_5xx", 500}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "failed");
  trial = trial_with(0, {{"connect_refused", 3}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, "failed");
}

TEST(Validity, AnswersMustBeShortForTheTurnsTheyAreMeasuredIn) {
  auto cell = cell_using_database(true);
  cell.load.slice = std::chrono::milliseconds(100);
  auto trial = trial_with(1000, {});
  trial.measurement->latency_us.mean = 12'000;
  judge(trial, cell);
  EXPECT_EQ(trial.status, "ok");
  trial.measurement->latency_us.mean = 13'000;
  judge(trial, cell);
  EXPECT_EQ(trial.status, "invalid");
  EXPECT_THAT(trial.reasons.front(), HasSubstr("set design.slice to 104ms or more"));
}

TEST(Validity, TheScenarioMayTolerateSomeErrors) {
  auto cell = cell_using_database(true);
  cell.load.tolerated_error_ratio = 0.01;
  auto trial = trial_with(995, {{"timeout", 5}});
  judge(trial, cell);
  EXPECT_EQ(trial.status, "ok");
}

TEST(Validity, AMissedRateIsInvalid) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 1000;
  auto trial = trial_with(1000, {});
  trial.measurement->throughput_requests_per_second = 989;
  judge(trial, cell);
  EXPECT_EQ(trial.status, "invalid");
}

TEST(Validity, AFewAnswersThatTheWindowsEndCutsOffMissNoRate) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 50;
  auto trial = trial_with(100, {});
  trial.measurement->measured_seconds = 2;
  trial.measurement->throughput_requests_per_second = 48.5;
  judge(trial, cell);
  EXPECT_EQ(trial.status, "ok");
  trial.measurement->throughput_requests_per_second = 47.5;
  judge(trial, cell);
  EXPECT_EQ(trial.status, "invalid");
}

TEST(Validity, AGeneratorAtItsLimitIsInvalidAndNotRunAgain) {
  auto trial = trial_with(1000, {});
  trial.measurement->generator_limited = true;
  trial.measurement->generator_limited_reasons = {"a thread was 97 % busy"};
  EXPECT_EQ(judge(trial, cell_using_database(true)), Validity::kResult);
  EXPECT_EQ(trial.status, "invalid");
  EXPECT_THAT(trial.reasons.front(), HasSubstr("a thread was 97 % busy"));
}

/// The reason for which a machine of which `host` is known spoils a trial; empty if it does not.
std::string disturbance(const report::HostEvidence& host) {
  auto trial = trial_with(1000, {});
  trial.measurement->measured_seconds = 5;
  trial.host = host;
  const Validity validity = judge(trial, cell_using_database(true));
  EXPECT_EQ(validity == Validity::kDisturbed, trial.status == "invalid");
  EXPECT_EQ(validity == Validity::kGood, trial.status == "ok");
  return trial.reasons.empty() ? "" : trial.reasons.front();
}

TEST(Validity, StealBeyondTwoPerCentIsADisturbance) {
  report::HostEvidence host;
  host.steal_ratio = 0.031;
  host.steal_resolution_ratio = 0.001;
  EXPECT_THAT(disturbance(host), HasSubstr("3.1 % of the CPU time (steal)"));
  host.steal_ratio = 0.019;
  EXPECT_EQ(disturbance(host), "");
  host.steal_ratio = 0.05;
  host.steal_resolution_ratio = 0.05;  // one tick in a tenth of a second: the clock's own error
  EXPECT_EQ(disturbance(host), "");
}

TEST(Validity, AQuotaThatHeldTheRunUpIsADisturbance) {
  report::HostEvidence host;
  host.throttled_periods = 0;
  EXPECT_EQ(disturbance(host), "");
  host.throttled_periods = 1;
  EXPECT_THAT(disturbance(host), HasSubstr("CPU quota"));
}

TEST(Validity, SwappingIsADisturbance) {
  report::HostEvidence host;
  host.swapped_bytes = 64 << 10;
  EXPECT_EQ(disturbance(host), "");
  host.swapped_bytes = 3 << 20;
  EXPECT_THAT(disturbance(host), HasSubstr("swapped 3.0 MiB"));
}

TEST(Validity, AStepOfTheClockIsADisturbance) {
  report::HostEvidence host;
  host.clock_step_seconds = 0.0025;  // the most that slewing does in five seconds
  EXPECT_EQ(disturbance(host), "");
  host.clock_step_seconds = -0.5;
  EXPECT_THAT(disturbance(host), HasSubstr("set by -0.500 s"));
}

/// A trial in which waiting for a processor could explain so much of the latency.
report::Trial trial_on_a_busy_machine(double explained) {
  auto trial = trial_with(1000, {});
  trial.measurement->generator_delay_ratio = explained;
  return trial;
}

TEST(Validity, ABusyMachineIsADisturbanceAboveAFifthOfTheLatency) {
  auto trial = trial_on_a_busy_machine(0.19);
  EXPECT_EQ(judge(trial, cell_using_database(true)), Validity::kGood);
  trial = trial_on_a_busy_machine(0.21);
  EXPECT_EQ(judge(trial, cell_using_database(true)), Validity::kDisturbed);
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("the machine was busy")));
}

TEST(Validity, ARateThatABusyMachineMissedIsNotTheTargetsFault) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 1000;
  auto trial = trial_on_a_busy_machine(0.5);
  trial.measurement->throughput_requests_per_second = 900;
  EXPECT_EQ(judge(trial, cell), Validity::kDisturbed);
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("the machine was busy")));
  trial = trial_with(1000, {});
  trial.measurement->throughput_requests_per_second = 900;
  trial.measurement->generator_limited = true;
  judge(trial, cell);
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("the generator was the limit")));
}

TEST(Validity, ErrorsAreAResultWhateverTheMachineDid) {
  auto trial = trial_with(999, {{"status_5xx", 1}});
  trial.host.steal_ratio = 0.5;
  EXPECT_EQ(judge(trial, cell_using_database(true)), Validity::kResult);
  EXPECT_THAT(trial.reasons, testing::SizeIs(2));
}

TEST(Validity, WarnsOfAWindowThatIsNotSteady) {
  auto trial = trial_with(1000, {});
  for (std::uint64_t i = 0; i < 50; ++i) trial.measurement->series_requests.push_back(100 + i);
  EXPECT_EQ(judge(trial, cell_using_database(true)), Validity::kGood);
  EXPECT_THAT(trial.warnings, testing::ElementsAre(HasSubstr("not_steady")));
}

TEST(Validity, WarnsWhenANoDatabaseEndpointOpensSessions) {
  auto trial = trial_with(1000, {});
  trial.database.sessions_opened = 3;
  judge(trial, cell_using_database(false));
  EXPECT_EQ(trial.status, "ok");
  EXPECT_THAT(trial.warnings, testing::ElementsAre(HasSubstr("no database")));
}

}  // namespace
}  // namespace poolbench::run
