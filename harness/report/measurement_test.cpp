#include "report/measurement.h"

#include <gmock/gmock.h>

#include "stats/histogram.h"

namespace poolbench::report {
namespace {

using base::Json;
using testing::HasSubstr;

stats::Histogram values(std::uint64_t count) {
  stats::Histogram histogram;
  for (std::uint64_t i = 0; i < count; ++i) histogram.record(100 + i % 100);
  return histogram;
}

Measurement example() {
  Measurement m;
  m.generator = "native";
  m.generator_version = "1.2.3";
  m.loop = "open";
  m.measured_seconds = 5.25;
  m.requests = {903, 900, {{"timeout", 1}, {"status_5xx", 2}}, 4, 17};
  m.throughput_requests_per_second = 171.5;
  m.latency_us = quantiles_of(values(900));
  m.latency_hdr_v2_base64 = values(900).encode();
  m.time_to_first_byte_us = quantiles_of(values(900));
  m.series_requests = {1, 2, 3};
  m.statuses = {{"200", 900}, {"500", 2}};
  m.bytes_received = 123456;
  m.generator_cpu_seconds = 0.5;
  m.generator_limited = true;
  m.generator_limited_reasons = {"too slow"};
  m.warnings = {"a warning"};
  m.first_error = "no answer";
  m.details = {{"drained", true}};
  return m;
}

TEST(Measurement, KeepsEverythingThroughJson) {
  const Json json = to_json(example());
  const auto back = measurement_from_json(Json::parse(json.dump()));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), json);
  EXPECT_EQ(back->requests.errors, example().requests.errors);
  EXPECT_EQ(back->latency_us.p50, example().latency_us.p50);
  EXPECT_EQ(back->generator_peak_rss_bytes, std::nullopt);
  EXPECT_EQ(back->details, example().details);
}

TEST(Measurement, OfAnEarlierSchemaDoesNotTellWhatWasSentAgain) {
  Json json = to_json(example());
  EXPECT_EQ(json["requests"]["retried_on_fresh_connection"], 17);
  json["requests"].erase("retried_on_fresh_connection");
  const auto back = measurement_from_json(json);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->requests.retried_on_fresh_connection, std::nullopt);
  EXPECT_TRUE(to_json(*back)["requests"]["retried_on_fresh_connection"].is_null());
  EXPECT_TRUE(to_json(*back)["missing"].contains("requests.retried_on_fresh_connection"));
}

TEST(Measurement, UsesTheNamesOfTheReport) {
  const Json json = to_json(example());
  EXPECT_EQ(json["requests"]["sent"], 903);
  EXPECT_EQ(json["requests"]["errors"]["timeout"], 1);
  EXPECT_EQ(json["series"]["interval_ms"], 100);
  EXPECT_EQ(json["series"]["requests"], Json({1, 2, 3}));
  EXPECT_EQ(json["latency_us"]["count"], 900);
  EXPECT_EQ(json["generator"]["name"], "native");
}

TEST(Measurement, SaysWhyAQuantityIsMissing) {
  const Json json = to_json(example());
  EXPECT_TRUE(json["latency_us"]["p999"].is_null());
  EXPECT_EQ(json["missing"]["latency_us.p999"], "900 requests; p999 needs 10000");
  EXPECT_TRUE(json["connect_us"]["mean"].is_null());
  EXPECT_EQ(json["missing"]["connect_us.mean"], "nothing was recorded");
  EXPECT_TRUE(json["generator_peak_rss_bytes"].is_null());
  EXPECT_TRUE(json["missing"].contains("generator_peak_rss_bytes"));
  EXPECT_FALSE(json["missing"].contains("generator_cpu_seconds"));
}

TEST(Quantiles, NeedTenValuesBeyondThem) {
  EXPECT_FALSE(quantiles_of(values(0)).p50);
  const Quantiles one = quantiles_of(values(1));
  EXPECT_TRUE(one.p50 && one.mean && one.max);
  EXPECT_FALSE(quantiles_of(values(39)).p75);
  EXPECT_TRUE(quantiles_of(values(40)).p75);
  EXPECT_FALSE(quantiles_of(values(99)).p90);
  EXPECT_TRUE(quantiles_of(values(100)).p90);
  EXPECT_FALSE(quantiles_of(values(199)).p95);
  EXPECT_TRUE(quantiles_of(values(200)).p95);
  EXPECT_FALSE(quantiles_of(values(999)).p99);
  EXPECT_TRUE(quantiles_of(values(1000)).p99);
  EXPECT_FALSE(quantiles_of(values(9'999)).p999);
  EXPECT_TRUE(quantiles_of(values(10'000)).p999);
}

TEST(Quantiles, OfReportsBeforeP95FollowTheRuleOfTheirTime) {
  Json json = to_json(example());
  for (const char* name : {"latency_us", "connect_us", "time_to_first_byte_us"}) {
    json[name].erase("p95");
  }
  json["latency_us"]["p90"] = nullptr;
  const auto old = measurement_from_json(json);
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->latency_us.answers_beyond, kAnswersBeyondBefore12);
  const Json again = to_json(*old);
  EXPECT_FALSE(again["latency_us"].contains("p95"));
  EXPECT_EQ(again["missing"]["latency_us.p90"], "900 requests; p90 needs 1000");
  EXPECT_FALSE(quantiles_of(values(9'999), kAnswersBeyondBefore12).p99);
  EXPECT_FALSE(quantiles_of(values(9'999), kAnswersBeyondBefore12).p95);
  EXPECT_TRUE(quantiles_of(values(10'000), kAnswersBeyondBefore12).p99);
}

TEST(Measurement, NamesThePathOfAWrongMember) {
  const auto message_without = [](const auto& change) {
    Json json = to_json(example());
    change(json);
    const auto result = measurement_from_json(json);
    return result ? std::string("accepted") : result.error().message;
  };
  EXPECT_THAT(message_without([](Json& json) { json.erase("requests"); }),
              HasSubstr("requests is missing"));
  EXPECT_THAT(message_without([](Json& json) { json["latency_us"].erase("p50"); }),
              HasSubstr("latency_us.p50 is missing"));
  EXPECT_THAT(message_without([](Json& json) { json["requests"]["errors"]["reset"] = -1; }),
              HasSubstr("requests.errors.reset should not be negative"));
  EXPECT_THAT(message_without([](Json& json) { json["series"]["requests"][1] = "2"; }),
              HasSubstr("series.requests[1] should be an integer, but is of type string"));
  EXPECT_THAT(message_without([](Json& json) { json["loop"] = 1; }),
              HasSubstr("loop should be a string"));
  EXPECT_THAT(message_without([](Json& json) { json = Json::array(); }), HasSubstr("object"));
}

}  // namespace
}  // namespace poolbench::report
