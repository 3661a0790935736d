#include "load/native_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

namespace poolbench::load {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;

TEST(NativeCommand, IsTheProgramBesideThisOneWithTheJobsSettings) {
  Job job;
  job.url.endpoint.port = 8000;
  job.settings.connections = 7;
  job.settings.rate_hz = 12.5;
  job.settings.keep_alive = false;
  const auto command = native_command(job);
  ASSERT_TRUE(command);
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_EQ(command->argv.at(0), self.parent_path() / "poolbench-load");
  EXPECT_EQ(command->argv.at(1), "http://127.0.0.1:8000/");
  EXPECT_THAT(command->argv, IsSupersetOf({"--connections", "7", "--rate", "12.5", "--close"}));
}

TEST(NativeCommand, OfANumberOfRequestsHasItsTimeToo) {
  Job job;
  job.settings.requests = 1000;
  job.settings.measure = std::chrono::seconds(60);
  const auto command = native_command(job);
  ASSERT_TRUE(command);
  EXPECT_THAT(command->argv, IsSupersetOf({"--requests", "1000", "--measure", "60s"}));
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
