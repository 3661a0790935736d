#include "load/external/driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "load/external/reading.h"
#include "load/external/recorded_fixture.h"
#include "scenario/expand_fixture.h"

namespace poolbench::load {
namespace {

using namespace std::chrono_literals;
using recorded::job_in;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Pair;

/// All are known, whether installed or not.
constexpr const char* kNoTools = "/nonexistent";

/// Jobs with a folder of their own.
class Drivers : public testing::Test {
 protected:
  /// The arguments in one line.
  std::string command_line(const Driver& driver, Job job, const Stretch& stretch) const {
    job.folder = folder_;
    const auto arguments = driver.arguments(job, stretch);
    EXPECT_TRUE(arguments);
    std::string line;
    for (const std::string& word : arguments.value_or(std::vector<std::string>{})) {
      line += (line.empty() ? "" : " ") + word;
    }
    return line;
  }
  /// A file that was written for the generator.
  [[nodiscard]] std::string written(const std::string& name) const {
    const auto text = base::read_file(folder_ / name);
    EXPECT_TRUE(text);
    return text.value_or("");
  }

  base::TemporaryFolder folder_;
};

scenario::Generators installed() {
  scenario::Generators all = generators(kNoTools);
  for (scenario::Generator& generator : all) generator.is_installed = true;
  return all;
}

TEST_F(Drivers, AreWhatAScenarioMayNameBehindTheNativeOne) {
  std::vector<std::string_view> names{"native"};
  for (const Driver& driver : drivers()) names.push_back(driver.name);
  std::vector<std::string_view> known;
  for (const scenario::Generator& generator : generators(kNoTools)) known.push_back(generator.name);
  EXPECT_EQ(names, known);
}

TEST_F(Drivers, AskedForWhatTheyCannotDoTheyAreRefusedWithThoseThatCan) {
  const std::pair<const char*, const char*> refusals[] = {
      {"generator = \"wrk\"\nrate = 100", "use native, oha, k6, vegeta"},
      {"generator = \"wrk\"\nrequests = 100", "use native, oha, ab, hey, k6, h2load"},
      {"generator = \"h2load\"\nkeep_alive = false", "use native, oha, wrk, ab, hey, k6, vegeta"},
      {"generator = \"ab\"\nthreads = 2", "use native, wrk, hey, k6, vegeta, h2load"},
      {"generator = \"hey\"\nrequests = 201", "ask for a multiple of load.connections"},
      {"generator = \"wrk\"\nmeasure = \"1500ms\"", "use native, oha, hey, k6, vegeta, h2load"},
      {"generator = \"k6\"\nmeasure = \"500ms\"", "use native, oha, hey, vegeta, h2load"}};
  for (const auto& [load, next] : refusals) {
    const auto scenario =
        scenario::expand_body(std::string("[load]\n") + load + "\n", {}, installed());
    ASSERT_FALSE(scenario) << load;
    ASSERT_EQ(scenario.error().size(), 1U) << load;
    EXPECT_EQ(scenario.error().front().line, 6) << load;
    EXPECT_THAT(scenario.error().front().next, HasSubstr(next));
  }
}

TEST_F(Drivers, CanDoWhatEveryShippedScenarioAsksOfThem) {
  for (const auto& entry : std::filesystem::directory_iterator(POOLBENCH_SOURCE_DIR "/scenarios")) {
    if (entry.path().extension() != ".toml") continue;
    const auto scenario = scenario::load_file(entry.path(), installed());
    EXPECT_TRUE(scenario) << to_text(scenario.error());
  }
}

TEST_F(Drivers, SayWhichOutputCannotBeRead) {
  for (const Driver& driver : drivers()) {
    for (const char* text : {"", "{", "{}", "Segmentation fault", "requests: "}) {
      const auto m = driver.read(job_in(), {text, 1s});
      ASSERT_FALSE(m) << driver.name << " on " << text;
      EXPECT_FALSE(m.error().message.empty());
    }
  }
}

/// What is said of a tool that ran for so long when it was asked for 6 s.
std::string after(const Driver& driver, base::Duration wall_time,
                  std::optional<double> rate_hz = {}) {
  Job job = job_in();
  job.settings.rate_hz = rate_hz;
  const auto lasted = check_lasted({&driver, {}, {}, {}}, job, {6s, std::nullopt}, wall_time);
  return lasted ? "whole" : lasted.error().message;
}

TEST_F(Drivers, AToolThatWasEndedEarlyHasMeasuredNothing) {
  EXPECT_EQ(after(kWrk, 6010ms), "whole");
  EXPECT_EQ(after(kWrk, 5990ms), "whole");
  EXPECT_EQ(after(kWrk, 2400ms), "wrk ended after 2.4 s of 6s: nothing of it counts");
  EXPECT_EQ(after(kVegeta, 5s, 1), "whole") << "it stops with the last request";
  EXPECT_NE(after(kVegeta, 4s, 1), "whole");
}

TEST_F(Drivers, AToolThatSentFewerThanItWasAskedForHasMeasuredNothing) {
  Job job = job_in();
  job.settings.requests = 1000;
  job.settings.measure = 60s;
  const Driver sends_seven{.name = "seven", .read = [](const Job&, const ToolOutput&) {
                             report::Measurement m;
                             m.requests.sent = m.requests.ok = 7;
                             return base::Result<report::Measurement>(m);
                           }};
  const Tool tool{&sends_seven, {}, {}, {}};
  const auto m = read_stretch(tool, job, {"", 2s});
  ASSERT_FALSE(m);
  EXPECT_THAT(m.error().message, HasSubstr("seven sent 7 of 1000 requests"));
  EXPECT_TRUE(read_stretch(tool, job, {"", 60s})) << "at most so long";
  job.settings.requests = 7;
  EXPECT_TRUE(read_stretch(tool, job, {"", 2s}));
}

TEST_F(Drivers, AskForTheConnectionsTheTimeAndTheUrl) {
  for (const Driver& driver : drivers()) {
    if (driver.name == "k6" || driver.name == "vegeta") continue;  // theirs are in a file
    const std::string line = command_line(driver, job_in(), {3s, std::nullopt});
    EXPECT_THAT(line, testing::ContainsRegex("(-c |--clients=)5( |$)")) << driver.name;
    EXPECT_THAT(line, testing::ContainsRegex("(-z |-d |-t |--duration=)(3|3s|3000ms) "));
    EXPECT_THAT(line, testing::EndsWith("http://127.0.0.1:8000/"));
  }
}

TEST_F(Drivers, AskForAConnectionPerRequest) {
  Job job = job_in();
  job.settings.keep_alive = false;
  const Stretch stretch{1s, std::nullopt};
  EXPECT_THAT(command_line(kOha, job, stretch), HasSubstr("--disable-keepalive"));
  EXPECT_THAT(command_line(kWrk, job, stretch), HasSubstr("-H Connection: close"));
  EXPECT_THAT(command_line(kAb, job, stretch), Not(HasSubstr("-k ")));
  EXPECT_THAT(command_line(kHey, job, stretch), HasSubstr("-disable-keepalive"));
  EXPECT_THAT(command_line(kVegeta, job, stretch), HasSubstr("-keepalive=false"));
}

TEST_F(Drivers, TellK6WhatAGoodAnswerIs) {
  Job job = job_in();
  job.requests.front().expect.length = 1000;
  command_line(kK6, job, {1s, std::nullopt});
  const std::string script = written("k6.js");
  EXPECT_THAT(script, HasSubstr("\"length\": 1000"));
  EXPECT_THAT(script, HasSubstr("answer.body.byteLength !== request.length"));
}

TEST_F(Drivers, LetK6WarmUpForASecondAtLeast) {
  Job job = job_in();
  command_line(kK6, job, {300ms, std::nullopt});
  EXPECT_THAT(written("k6.js"), HasSubstr("\"duration\": \"1000ms\""));
}

Job order_and_reads() {
  Job job = job_in();
  job.seed = 1;
  generator::RequestSpec order;
  order.method = "POST";
  order.target = "/orders";
  order.headers = {{"Content-Type", "application/json"}};
  order.body = "{\"city\": 1}";
  order.expect.statuses = {201, 409};
  order.weight = 1;
  job.requests.front().weight = 9;
  job.requests.push_back(order);
  return job;
}

TEST_F(Drivers, TellK6EveryRequestOfAMix) {
  command_line(kK6, order_and_reads(), {1s, std::nullopt});
  const std::string script = written("k6.js");
  for (const char* part : {"\"method\": \"POST\"", "\"Content-Type\": \"application/json\"",
                           "\"sent\": \"eyJjaXR5IjogMX0=\"", "\"upTo\": 0.9", "409"}) {
    EXPECT_THAT(script, HasSubstr(part));
  }
}

TEST_F(Drivers, TellVegetaRequestsInTheSharesOfTheMix) {
  command_line(kVegeta, order_and_reads(), {1s, std::nullopt});
  std::istringstream lines(written("vegeta-targets.json"));
  int orders = 0, all = 0;
  for (std::string line; std::getline(lines, line); ++all) {
    const auto json = base::parse_json(line);
    if (json.at("method") != "POST") continue;
    ++orders;
    ASSERT_EQ(json.at("body"), "eyJjaXR5IjogMX0=");
    ASSERT_EQ(json.at("header").at("Content-Type"), base::Json::array({"application/json"}));
  }
  EXPECT_EQ(all, 10'000);
  EXPECT_NEAR(orders, 1000, 100);
}

TEST_F(Drivers, CountEveryStatusThatARequestExpectsAsGood) {
  report::Measurement m;
  for (const int status : {200, 201, 409, 404}) add_answers(m, order_and_reads(), status, 10);
  EXPECT_EQ(m.requests.ok, 30U);
  EXPECT_THAT(m.requests.errors, testing::ElementsAre(Pair("status_4xx", 10U)));
}

TEST_F(Drivers, TellK6ItsThreadsThroughTheEnvironment) {
  Job job = job_in();
  job.settings.threads = 3;
  job.folder = folder_;
  const auto command = stretch_command({&kK6, "/k6", "1", ""}, job, {1s, std::nullopt});
  ASSERT_TRUE(command);
  EXPECT_THAT(command->environment, testing::Contains(Pair("GOMAXPROCS", "3")));
}

TEST_F(Drivers, SendWhatStandsInDoubleBracesAsPlainText) {
  Job job = job_in();
  job.folder = folder_;
  job.requests.front().target = "/a/{{word}}";
  const auto command = stretch_command({&kWrk, "/wrk", "1", ""}, job, {1s, std::nullopt});
  ASSERT_TRUE(command);
  EXPECT_THAT(command->argv.back(), testing::EndsWith("/a/{word}"));
}

TEST_F(Drivers, AskForARate) {
  Job job = job_in();
  job.settings.rate_hz = 12.5;
  const Stretch stretch{1s, std::nullopt};
  EXPECT_THAT(command_line(kOha, job, stretch), HasSubstr("-q 12.5 --latency-correction"));
  EXPECT_THAT(command_line(kVegeta, job, stretch), HasSubstr("-rate=12500/1000s"));
  command_line(kK6, job, stretch);
  EXPECT_THAT(written("k6.js"), HasSubstr("\"rate\": 12500"));
}

TEST_F(Drivers, RaiseTheSoftLimitOfOpenFiles) {
  Job job = job_in();
  job.folder = folder_;
  const auto command = stretch_command({&kAb, "/ab", "2.3", ""}, job, {1s, std::nullopt});
  ASSERT_TRUE(command);
  EXPECT_TRUE(command->raises_descriptor_limit);
}

TEST_F(Drivers, SayWhatAFailureMeansThatOnlyTheToolUnderstands) {
  Job job = job_in();
  job.folder = folder_;
  const auto log = job.folder / "generator.log";
  ASSERT_TRUE(base::write_file_atomically(
      log, "apr_pollset_poll: The timeout specified has expired (70007)\n"));
  EXPECT_THAT(meaning_of_failure(kAb, job), HasSubstr("set load.keep_alive = false"));
  EXPECT_EQ(meaning_of_failure(kWrk, job), "");
  ASSERT_TRUE(base::write_file_atomically(log, "apr_socket_recv: Connection refused (111)\n"));
  EXPECT_EQ(meaning_of_failure(kAb, job), "");
}

TEST_F(Drivers, AskForANumberOfRequests) {
  const Stretch stretch{1s, 600};
  EXPECT_THAT(command_line(kOha, job_in(), stretch), HasSubstr("-n 600"));
  EXPECT_THAT(command_line(kAb, job_in(), stretch), HasSubstr("-t 1 -n 600"));
  EXPECT_THAT(command_line(kHey, job_in(), stretch), HasSubstr("-n 600"));
  EXPECT_THAT(command_line(kH2load, job_in(), stretch), HasSubstr("--requests=600"));
}

TEST_F(Drivers, AreToldTheSocketAndWhomToTrust) {
  Job over_socket = job_in(), over_tls = job_in();
  over_socket.server = base::over_unix_socket("/s/t.sock");
  over_tls.server = {.endpoint = {"127.0.0.1", 8443}, .tls = true, .ca_file = "/s/ca.crt"};
  const auto words = [](const Driver& driver, const Job& job) {
    return driver.arguments(job, {6s, std::nullopt}).value();
  };
  EXPECT_THAT(words(kOha, over_socket),
              IsSupersetOf({"--unix-socket", "/s/t.sock", "http://localhost:80/"}));
  EXPECT_THAT(words(kH2load, over_socket), Contains("--base-uri=unix:/s/t.sock"));
  EXPECT_THAT(words(kOha, over_tls),
              IsSupersetOf({"--cacert", "/s/ca.crt", "https://127.0.0.1:8443/"}));
  over_tls.folder = folder_;
  EXPECT_THAT(words(kVegeta, over_tls), IsSupersetOf({"-root-certs=/s/ca.crt", "-http2=false"}));
}

TEST_F(Drivers, ThatNeitherTakeASocketNorVerifyAreRefusedByName) {
  std::vector<std::string_view> sockets, verified;
  for (const scenario::Generator& generator : generators(kNoTools)) {
    if (generator.unix_sockets) sockets.push_back(generator.name);
    if (generator.verified_tls) verified.push_back(generator.name);
  }
  EXPECT_THAT(sockets, ElementsAre("native", "oha", "h2load"));
  EXPECT_THAT(verified, ElementsAre("native", "oha", "vegeta"));
}

}  // namespace
}  // namespace poolbench::load
