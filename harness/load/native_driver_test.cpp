#include "load/native_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::load {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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
