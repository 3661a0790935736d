#include "report/metric.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "report/format/text.h"
#include "report/trial_fixture.h"

namespace poolbench::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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

TEST(EndpointMetrics, WithoutAP99HaveANoteThatSaysWhy) {
  Report report;
  for (const char* id : {"pool=true", "pool=false"}) {
    CellReport& cell = report.cells.emplace_back();
    cell.id = id;
    for (int i = 0; i < 6; ++i) cell.trials.push_back(mixed_trial());
    cell.trials.front().measurement->measured_seconds = 2;
    cell.trials.front().measurement->endpoints["ci.ty"].latency_us.count = 80;
    summarise(cell);
  }
  const std::string text = to_text(report, {false, 400});
  EXPECT_THAT(text, HasSubstr("No p99 of endpoint ci.ty in 2 cells, such as pool=true: a trial has "
                              "80 answers, p99 needs 1000; load.measure = \"28s\" would do.\n"));
  EXPECT_THAT(text, HasSubstr("No p99 of endpoint order in 2 cells, such as pool=true: too much "
                              "waiting.\n"));
  report.cells.pop_back();
  for (Trial& trial : report.cells.front().trials) {
    trial.measurement->endpoints["ci.ty"].latency_us.p99 = 9000;
  }
  summarise(report.cells.front());
  EXPECT_THAT(to_text(report, {false, 400}),
              AllOf(HasSubstr("No p99 of endpoint order in pool=true: too much waiting."),
                    ::testing::Not(HasSubstr("endpoint ci.ty"))));
  EXPECT_THAT(find_metric("endpoint.order.latency_p99_us", {})->missing_as,
              ::testing::Contains("endpoints.order.latency_us.p99"));
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
