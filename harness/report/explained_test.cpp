#include <gmock/gmock.h>

#include "report/measurement.h"
#include "report/validity.h"
#include "stats/histogram.h"

namespace poolbench::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// 100,000 values, of which 2 in 100 are those of the tail.
Quantiles body_and_tail(std::uint64_t body_us, std::uint64_t tail_us) {
  stats::Histogram histogram;
  histogram.record(body_us, 98'000);
  histogram.record(tail_us, 2'000);
  return quantiles_of(histogram);
}

TEST(Explained, LatenessWithholdsTheQuantilesThatItCouldExplain) {
  Quantiles latency = body_and_tail(2'000, 20'000);
  const auto withheld = withhold_explained(latency, {body_and_tail(100, 3'000), {}});
  EXPECT_TRUE(latency.p50 && latency.p90);
  EXPECT_FALSE(latency.p99);
  EXPECT_THAT(withheld.at("p99"), AllOf(HasSubstr("late by 3.0 ms at p99"), HasSubstr("20.0 ms")));
  EXPECT_FALSE(withheld.contains("p50"));
}

TEST(Explained, SoDoesWaitingForAProcessor) {
  Quantiles latency = body_and_tail(2'000, 2'000);
  const auto withheld = withhold_explained(latency, {{}, body_and_tail(300, 300)});
  EXPECT_FALSE(latency.p50);
  EXPECT_THAT(withheld.at("p50"), HasSubstr("waited for a processor for 0.3 ms"));
  EXPECT_TRUE(latency.max) << "it is of one request";
}

TEST(Explained, ATenthIsTolerated) {
  Quantiles latency = body_and_tail(2'000, 20'000);
  const OwnDelays delays{body_and_tail(200, 2'000), body_and_tail(200, 2'000)};
  EXPECT_THAT(withhold_explained(latency, delays), IsEmpty());
  EXPECT_TRUE(latency.p50 && latency.p99);
}

TEST(Explained, AWithheldQuantileKeepsItsReasonThroughJson) {
  Measurement m;
  m.latency_us = body_and_tail(2'000, 2'000);
  m.details = to_json(OwnDelays{{}, body_and_tail(300, 300)});
  m.withheld = withhold_explained(m.latency_us, own_delays_of(m));
  m.time_to_first_byte_us = body_and_tail(1'000, 9'000);
  m.withheld_first_byte = withhold_explained(m.time_to_first_byte_us, own_delays_of(m));
  ASSERT_TRUE(m.withheld_first_byte.contains("p50"));
  const base::Json json = to_json(m);
  EXPECT_TRUE(json["latency_us"]["p50"].is_null());
  EXPECT_THAT(json["missing"]["latency_us.p50"].get<std::string>(), HasSubstr("waited"));
  const auto back = measurement_from_json(json);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->withheld, m.withheld);
  EXPECT_EQ(back->withheld_first_byte, m.withheld_first_byte);
  EXPECT_EQ(to_json(*back), json);
}

Busy busy(std::optional<double> ratio) {
  Measurement m;
  m.generator_delay_ratio = ratio;
  return busy_machine(m);
}

TEST(Explained, ABusyMachineIsWorthAWarningFromFivePerCentAndTooMuchAboveTwenty) {
  EXPECT_EQ(busy(std::nullopt), Busy::kNo);
  EXPECT_EQ(busy(0.05), Busy::kNo);
  EXPECT_EQ(busy(0.051), Busy::kWorthAWarning);
  EXPECT_EQ(busy(0.20), Busy::kWorthAWarning);
  EXPECT_EQ(busy(0.21), Busy::kTooMuch);
}

TEST(Explained, ItsWordsBlameNeitherTheTargetNorTheGenerator) {
  Measurement m;
  m.generator_delay_ratio = 0.234;
  m.details = {{"busiest_thread_ratio", 0.02}};
  EXPECT_THAT(busy_machine_text(m), AllOf(HasSubstr("the machine was busy"), HasSubstr("23 %"),
                                          HasSubstr("used 2 %"), Not(HasSubstr("limit"))));
}

}  // namespace
}  // namespace poolbench::report
