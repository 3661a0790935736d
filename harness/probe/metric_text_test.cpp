#include "probe/metric_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::probe {
namespace {

using testing::HasSubstr;

template <typename T>
std::string why(const base::Result<T>& result) {
  return result ? "it succeeded" : result.error().message;
}

TEST(NumberInJson, IsFoundByItsPointer) {
  const std::string text = R"({"pool": {"size": 4, "wait": 2.5}, "all": [7], "name": "a"})";
  EXPECT_EQ(number_in_json(text, "/pool/size"), 4);
  EXPECT_EQ(number_in_json(text, "/pool/wait"), 2.5);
  EXPECT_EQ(number_in_json(text, "/all/0"), 7);
  EXPECT_EQ(number_in_json("12", ""), 12);
  EXPECT_THAT(why(number_in_json(text, "/pool/none")), HasSubstr("nothing at /pool/none"));
  EXPECT_THAT(why(number_in_json(text, "/all/1")), HasSubstr("nothing at /all/1"));
  EXPECT_THAT(why(number_in_json(text, "/name")), HasSubstr("is no number: \"a\""));
  EXPECT_THAT(why(number_in_json("null", "")), HasSubstr("is no number: null"));
  EXPECT_THAT(why(number_in_json("<html>", "/a")), HasSubstr("it is no JSON: <html>"));
}

constexpr const char* kExposition = R"(# HELP http_requests_total The total.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400",}    3 1395066363000

  # an aside
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
pool:waiting { db = "app" } 2
http_request_duration_seconds_bucket{le="+Inf"} 144320 # {trace_id="x"} 0.67
)";

TEST(NumberInPrometheus, SumsTheSamplesThatHaveTheLabels) {
  EXPECT_EQ(number_in_prometheus(kExposition, "http_requests_total", {}), 1030);
  EXPECT_EQ(number_in_prometheus(kExposition, "http_requests_total", {{"code", "400"}}), 3);
  EXPECT_EQ(number_in_prometheus(kExposition, "metric_without_timestamp_and_labels", {}), 12.47);
  EXPECT_EQ(number_in_prometheus(kExposition, "pool:waiting", {{"db", "app"}}), 2);
  EXPECT_EQ(number_in_prometheus(kExposition, "http_request_duration_seconds_bucket", {}), 144320);
  EXPECT_EQ(number_in_prometheus(
                kExposition, "msdos_file_access_time_seconds",
                {{"path", "C:\\DIR\\FILE.TXT"}, {"error", "Cannot find file:\n\"FILE.TXT\""}}),
            1.458255915e9);
  EXPECT_EQ(number_in_prometheus("a 1\r\nb 2", "b", {}), 2);
}

TEST(NumberInPrometheus, SaysWhyThereIsNone) {
  EXPECT_THAT(why(number_in_prometheus(kExposition, "http_requests", {})),
              HasSubstr("no sample of http_requests"));
  EXPECT_THAT(why(number_in_prometheus(kExposition, "http_requests_total", {{"code", "500"}})),
              HasSubstr("with these labels"));
  EXPECT_THAT(why(number_in_prometheus(kExposition, "something_weird", {})), HasSubstr("is inf"));
  EXPECT_THAT(why(number_in_prometheus("a NaN\n", "a", {})), HasSubstr("nan"));
  EXPECT_THAT(why(number_in_prometheus("", "a", {})), HasSubstr("no sample"));
  for (const char* line : {"a", "a{", "a{b", "a{b=c} 1", "a{b=\"c} 1", "a{b=\"c\\", "{} 1", "a x",
                           "a{b=\"c\"d=\"e\"} 1", "<html>", "a 1x"}) {
    EXPECT_THAT(why(number_in_prometheus("ok 1\n" + std::string(line) + "\n", "ok", {})),
                HasSubstr("line 2 of it is no sample"))
        << line;
  }
}

TEST(NumbersInLog, AreSummedOrCounted) {
  const std::string log = "took 12 ms\nnothing\r\ntook 30 ms\ntook 8.5 ms";
  const auto captured = numbers_in_log(log, "took ([0-9.]+) ms");
  ASSERT_TRUE(captured.has_value());
  EXPECT_EQ(captured->lines, 3U);
  EXPECT_EQ(captured->sum, 50.5);
  EXPECT_EQ(captured->largest, 30);
  EXPECT_EQ(numbers_in_log(log, "took")->sum, 3);
  EXPECT_EQ(numbers_in_log(log, "gave")->lines, 0U);
  EXPECT_EQ(numbers_in_log("", "a")->lines, 0U);
  EXPECT_EQ(numbers_in_log("v -2\nv -1\n", "v (.*)")->largest, -1);
}

TEST(NumbersInLog, SaysWhichLineHasNone) {
  EXPECT_THAT(why(numbers_in_log("a 1\na x\n", "a (.)")),
              HasSubstr("\"x\" is no number, in the line: a x"));
  const std::string blowup = std::string(60, 'a') + "!";
  const auto slow = numbers_in_log(blowup, "^(?:a|aa|a+)+$");
  EXPECT_TRUE(slow.has_value() || why(slow).find("cannot be looked for") != std::string::npos);
}

}  // namespace
}  // namespace poolbench::probe
