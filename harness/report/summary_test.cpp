#include "report/summary.h"

#include <gmock/gmock.h>

#include "report/trial_fixture.h"

namespace poolbench::report {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace poolbench::report
