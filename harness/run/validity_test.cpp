#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/fixture.h"
#include "run/trial.h"

namespace poolbench::run {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

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
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  EXPECT_THAT(trial.reasons, IsEmpty());
}

TEST(Validity, OneErrorMakesATrialInvalidAndNamesIt) {
  auto trial = trial_with(999, {{"status_5xx", 1}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, report::TrialStatus::kInvalid);
  EXPECT_THAT(trial.reasons.front(), HasSubstr("1 of 1000 requests failed: 1 status_5xx"));
  EXPECT_THAT(trial.reasons.front(), HasSubstr("status 500"));
}

TEST(Validity, ManyErrorsMakeATrialFailed) {
  auto trial = trial_with(500, {{"status_5xx", 500}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, report::TrialStatus::kFailed);
  trial = trial_with(0, {{"connect_refused", 3}});
  judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.status, report::TrialStatus::kFailed);
}

TEST(Validity, AnswersMustBeShortForTheTurnsTheyAreMeasuredIn) {
  auto cell = cell_using_database(true);
  cell.load.slice = std::chrono::milliseconds(100);
  auto trial = trial_with(1000, {});
  trial.measurement->latency_us.mean = 12'000;
  judge(trial, cell);
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  trial.measurement->latency_us.mean = 13'000;
  judge(trial, cell);
  EXPECT_EQ(trial.status, report::TrialStatus::kInvalid);
  EXPECT_THAT(trial.reasons.front(), HasSubstr("set design.slice to 104ms or more"));
}

TEST(Validity, TheScenarioMayTolerateSomeErrors) {
  auto cell = cell_using_database(true);
  cell.load.tolerated_error_ratio = 0.01;
  auto trial = trial_with(995, {{"timeout", 5}});
  judge(trial, cell);
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
}

TEST(Validity, SaysThatAWindowHoldsHardlyMoreThanChance) {
  auto cell = cell_using_database(true);
  cell.load.connections = 20;
  auto trial = trial_with(39, {});
  judge(trial, cell);
  EXPECT_THAT(trial.warnings,
              testing::Contains(HasSubstr("39 requests ended on 20 connections within")));
  trial = trial_with(40, {});
  judge(trial, cell);
  EXPECT_THAT(trial.warnings, IsEmpty());
}

TEST(Validity, AMissedRateIsInvalid) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 1000;
  auto trial = trial_with(1000, {});
  trial.measurement->throughput_requests_per_second = 989;
  judge(trial, cell);
  EXPECT_EQ(trial.status, report::TrialStatus::kInvalid);
}

TEST(Validity, AFewAnswersThatTheWindowsEndCutsOffMissNoRate) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 50;
  auto trial = trial_with(100, {});
  trial.measurement->measured_seconds = 2;
  trial.measurement->throughput_requests_per_second = 48.5;
  judge(trial, cell);
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  trial.measurement->throughput_requests_per_second = 47.5;
  judge(trial, cell);
  EXPECT_EQ(trial.status, report::TrialStatus::kInvalid);
}

TEST(Validity, AGeneratorAtItsLimitIsInvalidAndNotRunAgain) {
  auto trial = trial_with(1000, {});
  trial.measurement->generator_limited = true;
  trial.measurement->generator_limited_reasons = {"a thread was 97 % busy"};
  EXPECT_FALSE(judge(trial, cell_using_database(true)));
  EXPECT_EQ(trial.status, report::TrialStatus::kInvalid);
  EXPECT_FALSE(trial.disturbed);
  EXPECT_THAT(trial.reasons.front(), HasSubstr("a thread was 97 % busy"));
}

/// A trial with nothing wrong but what `host` tells of the machine, judged.
std::pair<report::Trial, report::Disturbance> judged(const report::HostEvidence& host) {
  auto trial = trial_with(1000, {});
  trial.measurement->measured_seconds = 5;
  trial.host = host;
  const report::Disturbance found = judge(trial, cell_using_database(true));
  EXPECT_EQ(trial.disturbed, static_cast<bool>(found));
  EXPECT_EQ(trial.disturbed, !trial.reasons.empty());
  EXPECT_EQ(trial.status, found.spoils ? report::TrialStatus::kInvalid : report::TrialStatus::kOk);
  return {trial, found};
}

/// The reason for which such a machine disturbs a trial; empty if it does not.
std::string disturbance(const report::HostEvidence& host) {
  const auto trial = judged(host).first;
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
  EXPECT_FALSE(judge(trial, cell_using_database(true)));
  trial = trial_on_a_busy_machine(0.21);
  EXPECT_GT(judge(trial, cell_using_database(true)).severity, 1);
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("the machine was busy")));
}

TEST(Validity, ARateThatABusyMachineMissedIsNotTheTargetsFault) {
  auto cell = cell_using_database(true);
  cell.load.rate_hz = 1000;
  auto trial = trial_on_a_busy_machine(0.5);
  trial.measurement->throughput_requests_per_second = 900;
  EXPECT_TRUE(judge(trial, cell).spoils) << "its latency belongs to a lower rate";
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("the machine was busy")));
  trial = trial_on_a_busy_machine(0.5);
  trial.measurement->throughput_requests_per_second = 1000;
  EXPECT_FALSE(judge(trial, cell).spoils);
  trial = trial_with(1000, {});
  trial.measurement->throughput_requests_per_second = 900;
  trial.measurement->generator_limited = true;
  judge(trial, cell);
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("the generator was the limit")));
}

TEST(Validity, OnlyASetClockOrStealAboveAFifthSpoilsATrial) {
  report::HostEvidence steal, more_steal, clock, rest;
  steal.steal_ratio = 0.19;
  more_steal.steal_ratio = 0.21;
  clock.clock_step_seconds = 3600;
  rest.throttled_periods = 40;
  rest.swapped_bytes = 500 << 20;
  EXPECT_FALSE(judged(steal).second.spoils);
  EXPECT_TRUE(judged(more_steal).second.spoils);
  EXPECT_TRUE(judged(clock).second.spoils);
  EXPECT_FALSE(judged(rest).second.spoils);
}

TEST(Validity, TellsWhichOfTwoTrialsIsTheLessDisturbed) {
  report::HostEvidence little, more, spoilt;
  little.steal_ratio = 0.03;
  more.steal_ratio = 0.07;
  more.swapped_bytes = 2 << 20;
  spoilt.clock_step_seconds = 0.1;
  EXPECT_LT(report::Disturbance{}, judged(little).second);
  EXPECT_LT(judged(little).second, judged(more).second);
  EXPECT_LT(judged(more).second, judged(spoilt).second);
}

TEST(Validity, ErrorsAreAResultWhateverTheMachineDid) {
  auto trial = trial_with(999, {{"status_5xx", 1}});
  trial.host.steal_ratio = 0.5;
  EXPECT_FALSE(judge(trial, cell_using_database(true)));
  EXPECT_EQ(trial.status, report::TrialStatus::kInvalid);
  EXPECT_FALSE(trial.disturbed);
  EXPECT_THAT(trial.reasons, testing::ElementsAre(HasSubstr("1 of 1000 requests failed")));
  EXPECT_THAT(trial.warnings, testing::ElementsAre(HasSubstr("50.0 % of the CPU time (steal)")));
}

TEST(Validity, WarnsOfAWindowThatIsNotSteady) {
  auto trial = trial_with(1000, {});
  for (std::uint64_t i = 0; i < 50; ++i) trial.measurement->series_requests.push_back(100 + i);
  EXPECT_FALSE(judge(trial, cell_using_database(true)));
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  EXPECT_THAT(trial.warnings, testing::ElementsAre(HasSubstr("not_steady")));
}

TEST(Validity, WarnsWhenANoDatabaseEndpointOpensSessions) {
  auto trial = trial_with(1000, {});
  trial.database.sessions_opened = 3;
  judge(trial, cell_using_database(false));
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  EXPECT_THAT(trial.warnings, testing::ElementsAre(HasSubstr("no database")));
}

}  // namespace
}  // namespace poolbench::run
