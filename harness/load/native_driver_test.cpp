#include "load/native_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::load {
namespace {

using testing::ElementsAre;
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
  const auto read = output.measurement();
  ASSERT_TRUE(read.has_value()) << base::to_text(read.error());
  EXPECT_EQ(read->requests.ok, 7U);
}

TEST(NativeOutput, SaysWhenThereIsNone) {
  NativeOutput output;
  output.add("{\"phase\":\"measure\"}\nSegmentation fault\n");
  EXPECT_FALSE(output.measurement().has_value());
}

}  // namespace
}  // namespace poolbench::load
