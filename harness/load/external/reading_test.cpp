#include <gmock/gmock.h>

#include "load/external/recorded_fixture.h"

namespace poolbench::load {
namespace {

using namespace std::chrono_literals;
using recorded::counting;
using recorded::job_in;
using recorded::measured;
using recorded::read;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

TEST(Oha, ReadsItsSummary) {
  const auto m = measured(kOha, "oha.json");
  EXPECT_EQ(m.requests.ok, 1200U);
  EXPECT_THAT(m.statuses, ElementsAre(Pair("200", 1200U)));
  EXPECT_NEAR(m.throughput_requests_per_second * m.measured_seconds, 1200, 1e-6);
  EXPECT_GT(m.latency_us.p50.value_or(0), 10);
  EXPECT_LT(m.latency_us.p50.value_or(0), m.latency_us.max.value_or(0));
}

TEST(Oha, Takes500sForErrorsThoughItsSuccessRateIsOne) {
  const auto m = measured(kOha, "oha-500.json");
  EXPECT_EQ(m.requests.ok, 0U);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("status_5xx", 200U)));
  EXPECT_EQ(m.latency_us.p50, std::nullopt) << "of errors there is no latency";
}

TEST(Oha, KnowsARefusedConnection) {
  EXPECT_THAT(measured(kOha, "oha-refused.json").requests.errors,
              ElementsAre(Pair("connect_refused", 20U)));
}

TEST(Oha, BodiesOfAnotherLengthAreNoGoodAnswers) {
  Job job = job_in();
  job.requests.front().expect.body = "another answer";
  const auto m = read(kOha, "oha.json", job);
  ASSERT_FALSE(m);
  EXPECT_THAT(m.error().message, HasSubstr("some were wrong or cut short"));
}

TEST(Oha, CountsFromThePlanInAnOpenLoopOnly) {
  const auto text = base::read_file(recorded::kRecorded / "oha.json");
  ASSERT_TRUE(text);
  Tool tool;
  tool.driver = &kOha;
  Job job = job_in();
  const auto omission = [&] {
    return read_stretch(tool, job, {*text, 1s}).value().details["tags"]["coordinated_omission"];
  };
  EXPECT_EQ(omission(), "omitted");
  job.settings.rate_hz = 100;
  EXPECT_EQ(omission(), "none");
}

TEST(Wrk, ReadsWhatItsHookPrints) {
  const auto m = measured(kWrk, "wrk.txt");
  EXPECT_GT(m.requests.ok, 1000U);
  EXPECT_THAT(m.requests.errors, IsEmpty());
  EXPECT_GT(m.measured_seconds, 0.9);
  EXPECT_GT(m.latency_us.p50.value_or(0), 10);
}

TEST(Wrk, StatusesFrom400AreErrors) {
  const auto m = measured(kWrk, "wrk-500.txt");
  EXPECT_EQ(m.requests.ok, 0U);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("status_other", m.requests.sent)));
}

TEST(Wrk, AnswersThatCameTooLateAreNoGoodOnes) {
  const std::string late = R"({"duration_us": 1000000, "requests": 100, "bytes": 9000,
    "errors": {"connect": 0, "read": 0, "write": 0, "status": 10, "timeout": 40}})";
  const auto m = kWrk.read(job_in(), {late, 1s});
  ASSERT_TRUE(m);
  EXPECT_EQ(m->requests.ok, 50U);
  EXPECT_EQ(m->requests.sent, 100U);
}

TEST(Ab, ReadsItsTextAndItsPercentiles) {
  const auto m = measured(kAb, "ab/generator.out", counting(1200, "ab"));
  EXPECT_EQ(m.requests.ok, 1200U);
  EXPECT_NEAR(m.throughput_requests_per_second, 35150.41, 1e-6);
  EXPECT_EQ(m.latency_us.p50, 115);
  EXPECT_EQ(m.latency_us.p90, 150);
  EXPECT_EQ(m.latency_us.p95, 170);
  EXPECT_EQ(m.latency_us.p999, std::nullopt) << "1200 requests tell no p99.9";
  EXPECT_EQ(m.latency_us.max, 4907);
}

TEST(Ab, OtherStatusesAreErrors) {
  const auto m = measured(kAb, "ab-404/generator.out", counting(200, "ab-404"));
  EXPECT_EQ(m.requests.ok, 0U);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("status_other", 200U)));
}

TEST(Ab, BodiesCutShortAreNoGoodAnswers) {
  Job job = counting(1200, "ab");
  job.requests.front().expect.length = 30;  // it received 29 each, and calls all of them complete
  EXPECT_FALSE(read(kAb, "ab/generator.out", job));
  job.settings.requests.reset();
  EXPECT_FALSE(read(kAb, "ab/generator.out", job));
}

TEST(Ab, BodiesCutShortAreNoGoodAnswersEvenBesideTolerableErrors) {
  Job job = counting(200, "ab-404");
  job.requests.front().expect.length = 1;
  EXPECT_TRUE(read(kAb, "ab-404/generator.out", job)) << "no good answer, so no body to miss";
  const std::string text =
      "Complete requests: 100\nRequests per second: 10\nNon-2xx responses: 10\n"
      "HTML transferred: 400 bytes\n";
  job.requests.front().expect.length = 5;
  EXPECT_FALSE(kAb.read(job, {text, 1s}));
  job.requests.front().expect.length = 4;
  EXPECT_TRUE(kAb.read(job, {text, 1s}));
}

TEST(Ab, RequestsThatCouldNotBeWrittenAreErrors) {
  const auto m = kAb.read(
      job_in("ab-404"), {"Complete requests: 100\nRequests per second: 10\nWrite errors: 3\n", 1s});
  ASSERT_TRUE(m);
  EXPECT_EQ(m->requests.ok, 97U);
  EXPECT_THAT(m->requests.errors, ElementsAre(Pair("write", 3U)));
}

TEST(Hey, ReadsEverySampleOfItsCsv) {
  const auto m = measured(kHey, "hey.csv", counting(50));
  EXPECT_EQ(m.requests.ok, 50U);
  EXPECT_EQ(m.latency_us.count, 50U);
  EXPECT_THAT(m.latency_hdr_v2_base64, Not(IsEmpty()));
  EXPECT_GT(m.throughput_requests_per_second, 0);
}

TEST(Hey, Takes500sForErrors) {
  EXPECT_THAT(measured(kHey, "hey-500.csv", counting(10)).requests.errors,
              ElementsAre(Pair("status_5xx", 10U)));
}

TEST(Hey, RequestsWithoutAnAnswerAreErrorsThoughItsCsvLeavesThemOut) {
  EXPECT_THAT(measured(kHey, "hey-refused.csv", counting(10)).requests.errors,
              ElementsAre(Pair("unclassified", 10U)));
}

TEST(Hey, ByDurationTheRateIsOfTheWholeTime) {
  Job job = job_in();  // its last answer came after 8 ms
  job.settings.measure = 9ms;
  const auto m = measured(kHey, "hey.csv", job);
  EXPECT_DOUBLE_EQ(m.measured_seconds, 0.009);
  EXPECT_THAT(m.warnings, Contains(HasSubstr("does not tell")));
  for (const char* file : {"hey.csv", "hey-refused.csv"}) {
    const auto stalled = read(kHey, file, job_in());
    ASSERT_FALSE(stalled);
    EXPECT_THAT(stalled.error().message, HasSubstr("of 1s: the target stopped answering"));
  }
}

TEST(Hey, ACutOffSampleIsNoMeasurement) {
  std::string csv =
      "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,"
      "status-code,offset\n";
  for (int i = 0; i < 1'000'000; ++i) csv += "0.1,0,0,0,0,0,200,0\n";
  const auto m = kHey.read(job_in(), {std::move(csv), 1s});
  ASSERT_FALSE(m);
  EXPECT_THAT(m.error().message, HasSubstr("1000000"));
}

TEST(K6, ReadsTheScriptsOwnCounts) {
  const auto m = measured(kK6, "k6.json");
  EXPECT_EQ(m.requests.ok, 1000U);
  EXPECT_NEAR(m.latency_us.p50.value_or(0), 101138.154, 0.001);
  EXPECT_NEAR(m.throughput_requests_per_second, 485.96, 0.01);
}

TEST(K6, TellsHowTheRequestsOfAMixWereAnswered) {
  const auto m = measured(kK6, "k6-mix.json");
  EXPECT_EQ(m.requests.ok, 2093U);
  EXPECT_THAT(m.statuses, ElementsAre(Pair("200", 1909U), Pair("201", 184U)));
}

TEST(K6, ItsScriptCountsFailuresByClass) {
  const std::string summary = R"({"metrics": {
    "outcome_ok": {"values": {"count": 7}}, "outcome_status_5xx": {"values": {"count": 2}},
    "outcome_wrong_answer": {"values": {"count": 1}},
    "dropped_iterations": {"values": {"count": 4}}}, "state": {"testRunDurationMs": 1000}})";
  const auto m = kK6.read(job_in(), {summary, 1s});
  ASSERT_TRUE(m);
  EXPECT_EQ(m->requests.sent, 10U);
  EXPECT_THAT(m->requests.errors, ElementsAre(Pair("status_5xx", 2U), Pair("wrong_answer", 1U)));
  EXPECT_THAT(m->warnings, Contains(HasSubstr("4 planned requests were dropped")));
}

TEST(Vegeta, ReadsItsJsonReport) {
  const auto m = measured(kVegeta, "vegeta.json");
  EXPECT_EQ(m.requests.ok, 1001U);
  EXPECT_NEAR(m.latency_us.p50.value_or(0), 101498.241, 1e-6);
  EXPECT_NEAR(m.latency_us.p95.value_or(0), 108102.562, 1e-6);
  EXPECT_NEAR(m.measured_seconds, 2.157459629, 1e-9);
}

TEST(Vegeta, KnowsARefusedConnectionAndWhenTheScheduleEnded) {
  const auto m = measured(kVegeta, "vegeta-refused.json");
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("connect_refused", 20U)));
  EXPECT_EQ(m.measured_seconds, 1) << "20 requests at 20 a second take one second";
}

TEST(H2load, ReadsEverySampleOfItsLog) {
  const auto m = measured(kH2load, "h2load/generator.out", counting(50, "h2load"));
  EXPECT_EQ(m.requests.ok, 50U);
  EXPECT_EQ(m.latency_us.count, 50U);
  EXPECT_EQ(m.latency_us.p50, 100);
}

TEST(H2load, ConnectionsThatWereGoneBeforeTheEndAreNoMeasurement) {
  Job job = counting(50, "h2load");  // its last answer came after 8 ms
  job.settings.requests.reset();
  job.settings.measure = 5s;
  const auto m = read(kH2load, "h2load/generator.out", job);
  ASSERT_FALSE(m);
  EXPECT_THAT(m.error().message, HasSubstr("closed all connections"));
}

TEST(H2load, RequestsThatItDoesNotTellOfAreErrors) {
  const auto m = measured(kH2load, "h2load/generator.out", counting(60, "h2load"));
  EXPECT_EQ(m.requests.ok, 50U);
  EXPECT_THAT(m.requests.errors, ElementsAre(Pair("unclassified", 10U)));
}

TEST(H2load, ATimeOutIsOneError) {
  const std::string text =
      "requests: 60 total, 55 started, 50 done, 50 succeeded, 10 failed, 10 errored, 10 timeout\n";
  const auto m = kH2load.read(counting(60, "h2load"), {text, 1s});
  ASSERT_TRUE(m);
  EXPECT_EQ(m->requests.sent, 60U);
  EXPECT_THAT(m->requests.errors, ElementsAre(Pair("timeout", 10U)));
}

TEST(H2load, RequestsThatFailedAreErrors) {
  EXPECT_THAT(measured(kH2load, "h2load-refused/generator.out", counting(10, "h2load-refused"))
                  .requests.errors,
              ElementsAre(Pair("unclassified", 10U)));
}

}  // namespace
}  // namespace poolbench::load
