#include "load/native_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "generator/options.h"

namespace poolbench::load {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// What the generator will read.
generator::Options options_in(const process::Command& command) {
  const auto options = generator::options_from_json(command.input);
  EXPECT_TRUE(options) << base::to_text(options.error());
  return options.value_or(generator::Options{});
}

TEST(NativeCommand, IsTheProgramBesideThisOneWithTheJobsSettings) {
  Job job;
  job.server.endpoint.port = 8000;
  job.settings.connections = 7;
  job.settings.rate_hz = 12.5;
  job.settings.keep_alive = false;
  const auto command = native_command(job);
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_THAT(command.argv, ElementsAre(self.parent_path() / "poolbench-load", "--job"));
  const generator::Options options = options_in(command);
  EXPECT_EQ(options.server.port, 8000);
  EXPECT_EQ(options.requests.front().target, "/");
  EXPECT_EQ(options.connections, 7);
  EXPECT_EQ(options.rate_hz, 12.5);
  EXPECT_EQ(options.requests_per_connection, 1U);
}

TEST(NativeCommand, OfANumberOfRequestsHasItsTimeToo) {
  Job job;
  job.settings.requests = 1000;
  job.settings.measure = std::chrono::seconds(60);
  const generator::Options options = options_in(native_command(job));
  EXPECT_EQ(options.request_count, 1000U);
  EXPECT_EQ(options.measure, std::chrono::seconds(60));
}

TEST(NativeCommand, TellsWhatAGoodAnswerIsHoweverLongAndInAnyBytes) {
  Job job;
  generator::Expectation& wanted = job.requests.front().expect;
  wanted.statuses = {201};
  wanted.body = std::string(std::size_t{200} << 10U, '\xff') + std::string(1, '\0');
  wanted.contains = "{nonce}";
  wanted.length = 7;
  const generator::Options options = options_in(native_command(job));
  const generator::Expectation& expect = options.requests.front().expect;
  EXPECT_EQ(expect.statuses, std::vector<int>{201});
  EXPECT_EQ(expect.body, wanted.body);
  EXPECT_EQ(expect.contains, "{nonce}");
  EXPECT_EQ(expect.length, 7U);
}

TEST(NativeCommand, TellsItsTurn) {
  Job job;
  job.turn = generator::Turn{base::SteadyTime(std::chrono::seconds(5)),
                             std::chrono::milliseconds(100), 1, 2};
  EXPECT_EQ(options_in(native_command(job)).turn, job.turn);
}

TEST(NativeOutput, TellsPhasesAsTheyBeginHoweverTheBytesAreCut) {
  NativeOutput output;
  EXPECT_THAT(output.add("{\"phase\":\"warm"), IsEmpty());
  EXPECT_THAT(output.add("-up\"}\n{\"phase\":\"measure\"}\n{\"pha"),
              ElementsAre("warm-up", "measure"));
  EXPECT_THAT(output.add("se\":\"done\"}\n"), ElementsAre("done"));
}

TEST(NativeOutput, TheLastLineIsTheMeasurement) {
  report::Measurement measured;
  measured.generator = "native";
  measured.requests.sent = 7;
  measured.requests.ok = 7;
  NativeOutput output;
  output.add("{\"phase\":\"measure\"}\n" + report::to_json(measured).dump() + "\n");
  const auto read = output.measurement({});
  ASSERT_TRUE(read.has_value()) << base::to_text(read.error());
  EXPECT_EQ(read->requests.ok, 7U);
}

TEST(NativeOutput, SaysWhenThereIsNone) {
  NativeOutput output;
  output.add("{\"phase\":\"measure\"}\nSegmentation fault\n");
  const auto read = output.measurement({0, SIGSEGV});
  ASSERT_FALSE(read.has_value());
  EXPECT_THAT(read.error().message, HasSubstr("killed by SIGSEGV"));
}

/// What becomes of a measurement of 2.4 s that the generator printed before it ended like this.
std::string judgement(const process::Exit& exit, bool interrupted, std::uint64_t good = 7) {
  report::Measurement measured;
  measured.measured_seconds = 2.4;
  measured.requests.ok = good;
  measured.details = {{"interrupted", interrupted}};
  NativeOutput output;
  output.add(report::to_json(measured).dump() + "\n");
  const auto read = output.measurement(exit);
  return read ? "whole" : read.error().message;
}

TEST(NativeOutput, AMeasurementCountsOnlyIfTheGeneratorEndedAsItShould) {
  EXPECT_EQ(judgement({}, false), "whole");
  EXPECT_THAT(judgement({130, 0}, true),
              AllOf(HasSubstr("ended early (exit status 130)"), HasSubstr("after 2.4 s")));
  EXPECT_THAT(judgement({}, true), HasSubstr("ended early"));
  EXPECT_THAT(judgement({0, SIGKILL}, false), HasSubstr("killed by SIGKILL"));
  EXPECT_THAT(judgement({1, 0}, false), HasSubstr("exit status 1"));
  EXPECT_EQ(judgement({3, 0}, false, 0), "whole") << "that nothing succeeded is a result";
  EXPECT_THAT(judgement({3, 0}, false, 7), HasSubstr("exit status 3"));
}

}  // namespace
}  // namespace poolbench::load
