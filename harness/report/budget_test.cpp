#include "report/budget.h"

#include <gmock/gmock.h>

#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// 1000 requests in 5 s, each with one statement; two workers.
Trial trial_of_requests() {
  Trial trial;
  Measurement& measured = trial.measurement.emplace();
  measured.requests = {1000, 1000, {}, 0, {}, 1000};
  measured.throughput_requests_per_second = 200;
  measured.latency_us.mean = 250'000;
  measured.generator_delay_ratio = 0.01;
  trial.cpu_seconds.target = 3;
  trial.target_run_delay_seconds = 0.5;
  trial.path = {3100, 100, 1020, 20};
  trial.database.sessions_per_request = 1;
  trial.database.statements = {1000, 200'000};
  return trial;
}

BudgetRules two_workers() {
  BudgetRules rules;
  rules.connections = 50;
  rules.serves_at_once = 2;
  rules.connection_wait = {.is_declared = true, .has_none = true, .metric = {}, .us_per_unit = 1};
  return rules;
}

/// The reason why a member of the budget is null; empty if it is not.
std::string reason(const Reasons& missing, const std::string& member) {
  for (const auto& [name, reason] : missing) {
    if (name == "budget." + member) return reason;
  }
  return {};
}

TEST(BudgetTest, DividesAWorkersTimeForARequest) {
  Reasons missing;
  const auto budget = budget_of(trial_of_requests(), two_workers(), missing);
  ASSERT_TRUE(budget) << budget.error().message;
  EXPECT_EQ(budget->of, BudgetOf::kWorker);
  EXPECT_DOUBLE_EQ(budget->total_us, 10'000);
  EXPECT_DOUBLE_EQ(budget->queue_us.value_or(0), 240'000) << "the rest of 50 ÷ 200 s";
  EXPECT_DOUBLE_EQ(budget->connect_us.value_or(0), 3000) << "less the round trip of its statement";
  EXPECT_EQ(budget->connection_wait_us, 0) << "there is no pool";
  EXPECT_DOUBLE_EQ(budget->query_us.value_or(0), 200);
  EXPECT_DOUBLE_EQ(budget->round_trip_us.value_or(0), 100);
  EXPECT_NEAR(budget->application_cpu_us.value_or(0), 3000 - 1000 - 20, 1e-6)
      << "less the client library's, which counts with what it is used for";
  EXPECT_DOUBLE_EQ(budget->processor_wait_us.value_or(0), 500);
  EXPECT_EQ(budget->generator_us, 0);
  EXPECT_NEAR(budget->unexplained_us, 10'000 - 3000 - 200 - 100 - 1980 - 500, 1e-6);
  EXPECT_THAT(missing, IsEmpty());
}

TEST(BudgetTest, WithoutAQueueItDividesTheLatency) {
  Trial trial = trial_of_requests();
  trial.measurement->latency_us.mean = 9000;
  for (const bool open_loop : {true, false}) {
    BudgetRules rules = two_workers();
    rules.open_loop = open_loop;
    rules.connections = open_loop ? 50 : 2;
    Reasons missing;
    const auto budget = budget_of(trial, rules, missing);
    ASSERT_TRUE(budget) << budget.error().message;
    EXPECT_EQ(budget->of, BudgetOf::kLatency);
    EXPECT_EQ(budget->total_us, 9000);
    EXPECT_EQ(budget->generator_us, 90);
    EXPECT_FALSE(budget->queue_us);
    EXPECT_THAT(reason(missing, "queue_us"), Not(IsEmpty()));
  }
}

TEST(BudgetTest, NobodyKnowsAWorkersTimeWhereTheFileDoesNotSayHowManyThereAre) {
  BudgetRules rules = two_workers();
  rules.serves_at_once.reset();
  Reasons missing;
  const auto budget = budget_of(trial_of_requests(), rules, missing);
  ASSERT_FALSE(budget);
  EXPECT_THAT(budget.error().message, HasSubstr("[[budget.serves_at_once]]"));
  rules.open_loop = true;
  EXPECT_TRUE(budget_of(trial_of_requests(), rules, missing));
}

TEST(BudgetTest, WhatIsNotKnownIsNullWithTheReasonAndAmongTheUnexplained) {
  Trial trial = trial_of_requests();
  trial.database.statements.reset();
  trial.path.reset();
  trial.missing = {{"path", "nobody answered"}};
  trial.target_run_delay_seconds.reset();
  BudgetRules rules = two_workers();
  rules.connection_wait = {};
  Reasons missing;
  const auto budget = budget_of(trial, rules, missing);
  ASSERT_TRUE(budget);
  EXPECT_THAT(reason(missing, "query_us"), HasSubstr("postgres.statements = true"));
  EXPECT_THAT(reason(missing, "round_trip_us"), HasSubstr("postgres.statements = true"));
  EXPECT_EQ(reason(missing, "connect_us"), "nobody answered");
  EXPECT_THAT(reason(missing, "connection_wait_us"), HasSubstr("[budget.connection_wait]"));
  EXPECT_THAT(reason(missing, "processor_wait_us"), HasSubstr("schedstat"));
  EXPECT_DOUBLE_EQ(budget->unexplained_us, 10'000 - 3000);
}

TEST(BudgetTest, APoolConnectsBehindTheWaitsOfRequests) {
  Trial trial = trial_of_requests();
  trial.metrics["target.wait_ms"] = 5;
  BudgetRules rules = two_workers();
  rules.connection_wait = {
      .is_declared = true, .has_none = false, .metric = "target.wait_ms", .us_per_unit = 1000};
  Reasons missing;
  auto budget = budget_of(trial, rules, missing);
  ASSERT_TRUE(budget);
  EXPECT_DOUBLE_EQ(budget->connect_us.value_or(0), 3000);
  EXPECT_DOUBLE_EQ(budget->connection_wait_us.value_or(0), 2000) << "what is not connecting";
  trial.metrics["target.wait_ms"] = 1;
  budget = budget_of(trial, rules, missing);
  EXPECT_DOUBLE_EQ(budget->connect_us.value_or(0), 1000) << "nobody waited for the rest";
  EXPECT_EQ(budget->connection_wait_us, 0);
  EXPECT_THAT(missing, IsEmpty());
}

TEST(BudgetTest, PostgresOwnDurationsAreBetterThanTheProbe) {
  Trial trial = trial_of_requests();
  trial.database.session_setup_us = 4000;
  BudgetRules rules = two_workers();
  Reasons missing;
  EXPECT_EQ(budget_of(trial, rules, missing)->connect_us, 4000);
  rules.is_direct = false;
  EXPECT_EQ(budget_of(trial, rules, missing)->connect_us, 3000) << "they are the last hop's alone";
}

TEST(BudgetTest, BehindAPoolerNobodyCountsTheApplicationsConnections) {
  BudgetRules rules = two_workers();
  rules.pooler = "pgbouncer";
  Reasons missing;
  const auto budget = budget_of(trial_of_requests(), rules, missing);
  ASSERT_TRUE(budget);
  EXPECT_FALSE(budget->connect_us);
  EXPECT_THAT(reason(missing, "connect_us"), HasSubstr("the sessions of pgbouncer"));
  EXPECT_EQ(budget->round_trip_us, 100);
}

TEST(BudgetTest, WhatPoolersTellOfWaitingComesOnTop) {
  BudgetRules rules = two_workers();
  rules.pooler_waits = {{"service.pgbouncer.wait_ms", 1000}};
  Trial trial = trial_of_requests();
  Reasons missing;
  EXPECT_FALSE(budget_of(trial, rules, missing)->connection_wait_us);
  EXPECT_EQ(reason(missing, "connection_wait_us"), "it was not asked for");
  trial.metrics["service.pgbouncer.wait_ms"] = 2.5;
  const auto budget = budget_of(trial, rules, missing);
  EXPECT_EQ(budget->connection_wait_us, 2500);
  EXPECT_DOUBLE_EQ(budget->connect_us.value_or(0), 3000) << "which is not a pooler's";
}

TEST(BudgetTest, IsSummarisedShownAndReadBack) {
  Report report;
  CellReport& cell = report.cells.emplace_back();
  cell.id = "pool=false";
  for (int i = 0; i < 6; ++i) {
    Trial& trial = cell.trials.emplace_back(trial_of_requests());
    trial.block = i;
    trial.budget = *budget_of(trial, two_workers(), trial.missing);
  }
  summarise(cell);
  const std::string text = to_text(report, {});
  EXPECT_THAT(text, HasSubstr("Where a request's time goes"));
  EXPECT_THAT(text, ContainsRegex("pool=false +1 of 2 workers +10\\.0 +3\\.00 +0\\.200 +0\\.100 "
                                  "+1\\.98 +0\\.500 +4\\.22 +240"));
  const auto again = parse_report(report_text(report));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(report_text(*again), report_text(report));
  const Trial& trial = again->cells.front().trials.front();
  EXPECT_EQ(metric_of(trial, built_in_metric("budget.connect_us")), 3000);
  EXPECT_EQ(metric_of(trial, built_in_metric("postgres_query_us_per_request")), 200);
  EXPECT_EQ(metric_of(trial, built_in_metric("postgres_statements_per_request")), 1);
}

}  // namespace
}  // namespace poolbench::report
