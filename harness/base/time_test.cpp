#include "base/time.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::base {
namespace {

using namespace std::chrono_literals;

TEST(Units, ReadsDurationsWithTheirUnits) {
  EXPECT_EQ(parse_duration("2s").value(), 2s);
  EXPECT_EQ(parse_duration("500ms").value(), 500ms);
  EXPECT_EQ(parse_duration("1.5ms").value(), 1500us);
  EXPECT_EQ(parse_duration("10m").value(), 10min);
}

TEST(Units, RefusesWhatIsNotADurationAndShowsTheRightForm) {
  for (const char* text : {"", "5", "s", "-1s", "5 s", "5sec", "nan s", "infs", "1e300h", "0x5s"}) {
    const auto result = parse_duration(text);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_THAT(result.error().next, testing::HasSubstr("500ms"));
  }
}

TEST(Units, FormattedDurationsReadBackExactly) {
  for (const Duration d :
       {Duration(0), Duration(1), Duration(1500us), Duration(250ms), Duration(90s)}) {
    EXPECT_EQ(parse_duration(format_duration(d)).value(), d);
  }
  EXPECT_EQ(format_duration(1500ms), "1500ms");
}

TEST(Units, ApproximatesForPeople) {
  EXPECT_EQ(approximate_duration(400ms), "0.4 s");
  EXPECT_EQ(approximate_duration(200s), "3 min 20 s");
  EXPECT_EQ(approximate_duration(3900s), "1 h 05 min");
}

TEST(Clock, WritesRfc3339InUtc) {
  EXPECT_EQ(rfc3339(UtcTime(std::chrono::milliseconds(1751978096789))), "2025-07-08T12:34:56.789Z");
}

}  // namespace
}  // namespace poolbench::base
