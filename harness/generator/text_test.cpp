#include "generator/text.h"

#include <gmock/gmock.h>

#include "stats/histogram.h"

namespace poolbench::generator {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

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

report::Quantiles latencies() {
  stats::Histogram us;
  us.record(1500, 20000);
  return report::quantiles_of(us);
}

TEST(LiveView, TellsThePhaseItsRateItsLatenciesAndItsErrors) {
  Options options;
  options.measure = 5s;
  LiveView view(options);
  view.lines({Phase::kMeasure, 1s, 100, 0, 100, {}});
  const auto lines = view.lines({Phase::kMeasure, 2s, 300, 2, 200, latencies()});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines[0],
              StartsWith("measure     ████████████░░░░░░░░░░░░░░░░░░  2.0 of 5.0 s, 3.0"));
  EXPECT_THAT(lines[1], StartsWith("requests/s  200      ▅█  150 on average"));
  EXPECT_THAT(lines[2], HasSubstr("p50 1.500  p75 1.500  p90 1.500  p95 1.500  p99 1.500"));
  EXPECT_EQ(lines[3], "requests    300 ended, 2 errors");
}

TEST(LiveView, TellsHowManyRequestsAreLeftWhenTheirNumberIsGiven) {
  Options options;
  options.request_count = 1000;
  LiveView view(options);
  EXPECT_THAT(view.lines({Phase::kMeasure, 2s, 250, 0, 125, {}})[0],
              HasSubstr("  250 of 1000 requests, about 6.0 s left"));
}

TEST(LiveView, SaysWhatItWaitsForAfterTheEnd) {
  Options options;
  options.measure = 1s;
  options.rate_hz = 12.5;
  LiveView view(options);
  const auto lines = view.lines({Phase::kMeasure, 1100ms, 12, 0, 0, {}});
  EXPECT_THAT(lines[0], HasSubstr("waiting for the last answers"));
  EXPECT_THAT(lines[1], HasSubstr("12.5 asked for"));
}

}  // namespace
}  // namespace poolbench::generator
