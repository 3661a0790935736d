#include "run/monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/set_clock.h"
#include "run/fixture.h"

namespace poolbench::run {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Phases, TimesPhasesAndTheirParts) {
  base::SetClock clock;
  KeepingObserver observer;
  Phases phases(clock, observer);
  phases.begin("start");
  clock.now += std::chrono::milliseconds(100);
  phases.part("database");
  clock.now += std::chrono::milliseconds(300);
  phases.part("boot");
  phases.begin("measure");
  clock.now += std::chrono::seconds(5);
  phases.end();
  clock.now += std::chrono::seconds(9);
  phases.end();
  EXPECT_THAT(observer.phases, ElementsAre("start", "measure"));
  ASSERT_EQ(phases.list().size(), 2U);
  EXPECT_DOUBLE_EQ(phases.list()[0].seconds, 0.4);
  EXPECT_DOUBLE_EQ(phases.list()[0].parts[1].second, 0.3);
  EXPECT_DOUBLE_EQ(phases.list()[1].seconds, 5);
}

TEST(ActivitySums, AreMeansMaximaAndShares) {
  ActivitySums sums;
  EXPECT_FALSE(sums.figures().has_value());
  sums.add({5, {{"active", 3}, {"idle", 2}}, {{"none", 1}, {"Lock", 2}}});
  sums.add({4,
            {{"active", 1}, {"idle in transaction", 2}, {"idle in transaction (aborted)", 1}},
            {{"none", 1}}});
  const auto figures = sums.figures();
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->active.mean, 2);
  EXPECT_EQ(figures->active.max, 3);
  EXPECT_EQ(figures->idle.mean, 1);
  EXPECT_EQ(figures->idle.max, 2);
  EXPECT_EQ(figures->idle_in_transaction.mean, 1.5);
  EXPECT_EQ(figures->idle_in_transaction.max, 3);
  EXPECT_THAT(figures->wait_ratios,
              ElementsAre(testing::Pair("Lock", 0.5), testing::Pair("none", 0.5)));
}

TEST(ActivitySums, WithoutAnActiveSessionThereAreNoShares) {
  ActivitySums sums;
  sums.add({1, {{"idle", 1}}, {}});
  EXPECT_THAT(sums.figures()->wait_ratios, IsEmpty());
  EXPECT_EQ(sums.figures()->active.mean, 0);
}

report::Trial trial_with_samples(std::vector<std::int64_t> samples, std::uint64_t errors = 0) {
  report::Trial trial;
  trial.measurement.emplace().requests.ok = 100;
  if (errors > 0) trial.measurement->requests.errors["status_5xx"] = errors;
  trial.database.peak_connections = *std::max_element(samples.begin(), samples.end());
  trial.database.connections_series = std::move(samples);
  return trial;
}

SessionFacts from_log(service::SessionSums sums, std::int64_t counted) {
  return {std::move(sums), counted};
}
SessionFacts without_log(std::optional<std::int64_t> counted) {
  return {base::failed("log_connections is \"off\""), counted};
}
service::SessionSums sums(std::int64_t peak, std::int64_t established, std::int64_t refused = 0) {
  service::SessionSums sums{peak, established, refused, {}, {}, true};
  if (refused > 0) sums.refusal = "sorry, too many clients already";
  return sums;
}

TEST(JudgeSessionsTest, ThePeakIsTheLogsAndNotTheLargestOfTheSamples) {
  auto trial = trial_with_samples({2, 5, 3});
  judge_sessions(trial, cell_using_database(true), from_log(sums(9, 100), 100));
  EXPECT_EQ(trial.database.peak_connections, 9);
  EXPECT_EQ(trial.database.peak_connections_source, report::PeakSource::kLog);
  EXPECT_EQ(trial.database.refused_connections, 0);
  EXPECT_THAT(trial.warnings, IsEmpty());
}

TEST(JudgeSessionsTest, SamplesAreSaidToBeSamples) {
  auto trial = trial_with_samples({2, 5, 3});
  judge_sessions(trial, cell_using_database(true), without_log(100));
  EXPECT_EQ(trial.database.peak_connections, 5);
  EXPECT_EQ(trial.database.peak_connections_source, report::PeakSource::kSamples);
  EXPECT_EQ(trial.database.refused_connections, std::nullopt);
  EXPECT_THAT(trial.warnings,
              Contains(AllOf(HasSubstr("samples"), HasSubstr("log_connections is \"off\""))));
  EXPECT_THAT(trial.missing, Contains(testing::Pair("database.refused_connections",
                                                    HasSubstr("log_connections"))));
}

TEST(JudgeSessionsTest, RefusalsAreTheFirstReasonOfFailedAnswers) {
  auto trial = trial_with_samples({3}, 40);
  trial.status = report::TrialStatus::kFailed;
  trial.reasons = {"40 of 140 requests failed: 40 status_5xx"};
  judge_sessions(trial, cell_using_database(true), from_log(sums(5, 100, 40), 100));
  EXPECT_EQ(trial.database.refused_connections, 40);
  ASSERT_THAT(trial.reasons, SizeIs(2));
  EXPECT_THAT(trial.reasons.front(), HasSubstr("PostgreSQL refused 40 connections (sorry, too many "
                                               "clients already): raise max_connections"));
}

TEST(JudgeSessionsTest, RefusalsThatNobodySawAreAWarning) {
  auto trial = trial_with_samples({3});
  judge_sessions(trial, cell_using_database(true), from_log(sums(5, 100, 1), 100));
  EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  EXPECT_THAT(trial.warnings, Contains(HasSubstr("refused 1 connection (")));
}

TEST(JudgeSessionsTest, ATargetThatNeverAskedItsOwnDatabaseHasFailed) {
  for (const SessionFacts& facts : {from_log(sums(0, 0), 0), without_log(0)}) {
    auto trial = trial_with_samples({0, 0});
    trial.database.sessions_opened = 0;
    judge_sessions(trial, cell_using_database(true), facts);
    EXPECT_EQ(trial.status, report::TrialStatus::kFailed);
    EXPECT_THAT(trial.reasons.front(), HasSubstr("own database saw no session"));
    EXPECT_THAT(trial.reasons.front(), HasSubstr("endpoint \"query\""));
  }
}

TEST(JudgeSessionsTest, AnySignOfASessionWillDo) {
  for (const SessionFacts& facts :
       {from_log(sums(1, 1), 0), from_log(sums(0, 0), 1), without_log(1), without_log({})}) {
    auto trial = trial_with_samples({0, 0});
    judge_sessions(trial, cell_using_database(true), facts);
    EXPECT_EQ(trial.status, report::TrialStatus::kOk);
  }
  auto seen = trial_with_samples({0, 1});
  judge_sessions(seen, cell_using_database(true), without_log(0));
  EXPECT_EQ(seen.status, report::TrialStatus::kOk);
  auto none_needed = trial_with_samples({0, 0});
  judge_sessions(none_needed, cell_using_database(false), from_log(sums(0, 0), 0));
  EXPECT_EQ(none_needed.status, report::TrialStatus::kOk);
}

}  // namespace
}  // namespace poolbench::run
