#include "generator/text.h"

#include <gmock/gmock.h>

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

report::Measurement example() {
  report::Measurement m;
  m.measured_seconds = 5;
  m.throughput_requests_per_second = 200.04;
  stats::Histogram latencies;
  latencies.record(1000, 900);
  latencies.record(64000, 100);
  m.requests = {1003, 1000, {{"timeout", 2}, {"status_5xx", 1}}, 0, {}};
  m.latency_us = report::quantiles_of(latencies);
  m.latency_hdr_v2_base64 = latencies.encode();
  m.statuses = {{"200", 1000}, {"500", 1}};
  m.bytes_received = 1'234'567;
  m.first_error = "timeout: no complete answer";
  m.details = {{"connections", 50}};
  return m;
}

TEST(LoadText, ShowsTotalsQuantilesStatusesAndErrors) {
  const std::string text = load_text(example());
  EXPECT_THAT(text, HasSubstr("closed loop, 50 connections, 5.00 s measured"));
  EXPECT_THAT(text, HasSubstr("200.0 requests/s"));
  EXPECT_THAT(text, HasSubstr("1003 requests: 1000 good, 3 errors"));
  EXPECT_THAT(text, HasSubstr("1.2 MB received, 246.9 kB/s\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "ms    mean     p50     p75     p90     p95     p99   p99.9  p99.99     max\n"
          "     latency   7.302   1.000   1.000   1.000   64.03   64.03       –       –   64.03\n"
          "           – fewer than 10 values beyond it\n"));
  EXPECT_THAT(text, HasSubstr("        1000 200\n           1 500\n"));
  EXPECT_THAT(text, HasSubstr("           2 timeout\n"));
  EXPECT_THAT(text, HasSubstr("the first: timeout: no complete answer"));
  EXPECT_THAT(text, Not(HasSubstr("generator was the limit")));
}

TEST(LoadText, TellsWhatWasSentAgain) {
  report::Measurement m = example();
  EXPECT_THAT(load_text(m), Not(HasSubstr("sent again")));
  m.requests.retried_on_fresh_connection = 20;
  EXPECT_THAT(load_text(m),
              HasSubstr("          20 sent again: the server had closed their kept connection\n"));
}

TEST(LoadText, DrawsTheDistributionInBinsThatHoldEveryAnswer) {
  const std::string text = load_text(example());
  EXPECT_THAT(text, HasSubstr("≤ 1.459 ########################################  90.0 %"));
  EXPECT_THAT(text, HasSubstr("≤ 64.03 #####                                     10.0 %"));
}

TEST(LoadText, ShowsTheCourseOfTheRateAndWhatTheGeneratorUsed) {
  report::Measurement m = example();
  m.measured_seconds = 0.35;
  m.series_requests = {10, 20, 40, 5};
  m.generator_cpu_seconds = 0.007;
  m.generator_peak_rss_bytes = 5'100'000;
  const std::string text = load_text(m);
  EXPECT_THAT(text, HasSubstr("over time ▃▅█  100 to 400 requests/s, each 0.1 s\n"));
  EXPECT_THAT(text, HasSubstr("used 2 % of a processor, 7.0 µs a request, and 5.1 MB of memory"));
}

TEST(LoadText, SaysPlainlyThatTheGeneratorWasTheLimit) {
  report::Measurement m = example();
  m.generator_limited = true;
  m.generator_limited_reasons = {"a thread of the generator was 97 % busy"};
  m.warnings = {"look out"};
  const std::string text = load_text(m);
  EXPECT_THAT(text, HasSubstr("The generator was the limit"));
  EXPECT_THAT(text, HasSubstr("97 % busy"));
  EXPECT_THAT(text, HasSubstr("warning: look out"));
}

TEST(LoadText, HasNothingToDrawWithoutAGoodAnswer) {
  report::Measurement m = example();
  m.latency_us = {};
  m.latency_hdr_v2_base64 = stats::Histogram().encode();
  const std::string text = load_text(m);
  EXPECT_THAT(text, Not(HasSubstr("latency")));
  EXPECT_THAT(text, HasSubstr("1003 requests"));
}

TEST(FoundRateText, ShowsEveryRateThatWasTriedAndTheBracket) {
  FoundRate found{.capacity_hz = 1000,
                  .rate_hz = 500,
                  .missed_hz = 750,
                  .steps = {{500, 0.995, Attempt::kMet, {}}, {750, 0.5, Attempt::kMissed, {}}}};
  const Objective objective{0.99, 50ms};
  std::string text = found_rate_text(found, objective);
  EXPECT_THAT(text, HasSubstr("500.0 requests/s: 99.50 % within 50ms\n"));
  EXPECT_THAT(text, HasSubstr("750.0 requests/s: 50.00 % within 50ms, too few"));
  EXPECT_THAT(text, HasSubstr("highest rate with 99 % within 50ms: 500.0 requests/s; "
                              "lowest without: 750.0"));
  EXPECT_EQ(found_rate_json(found, objective)["missed_requests_per_second"], 750);
  found.missed_hz.reset();
  EXPECT_THAT(found_rate_text(found, objective), HasSubstr("none was without"));
  EXPECT_TRUE(found_rate_json(found, objective)["missed_requests_per_second"].is_null());
}

TEST(FoundRateText, WithoutAnAnswerThereIsNoRate) {
  const Objective objective{0.99, 50ms};
  const FoundRate none{.capacity_hz = 1000, .closed_loop_limited = {"a thread was busy"}};
  EXPECT_THAT(found_rate_text(none, objective), HasSubstr("no rate met"));
  EXPECT_THAT(found_rate_text(none, objective),
              HasSubstr("the server was not the limit: a thread was busy"));
  EXPECT_TRUE(found_rate_json(none, objective)["rate_requests_per_second"].is_null());
  const FoundRate refused{.capacity_hz = 1000,
                          .rate_hz = 6,
                          .steps = {{12, 0.5, Attempt::kUnclear, {"late"}}},
                          .refusal = "the machine was busy"};
  const std::string text = found_rate_text(refused, objective);
  EXPECT_THAT(text, HasSubstr("which says nothing of the server"));
  EXPECT_THAT(text, HasSubstr("no answer: the machine was busy"));
  EXPECT_THAT(text, Not(HasSubstr("highest rate")));
  EXPECT_TRUE(found_rate_json(refused, objective)["rate_requests_per_second"].is_null());
  EXPECT_EQ(found_rate_json(refused, objective)["refusal"], "the machine was busy");
}

}  // namespace
}  // namespace poolbench::generator
