#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/units.h"

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

TEST(Endpoint, SplitsUrls) {
  const Url url = parse_url("http://127.0.0.1:8000/a?b=c").value();
  EXPECT_EQ(url.endpoint, (Endpoint{"127.0.0.1", 8000}));
  EXPECT_EQ(url.target, "/a?b=c");
  EXPECT_EQ(parse_url("https://[::1]").value().endpoint, (Endpoint{"::1", 443}));
  EXPECT_EQ(parse_url("http://h?x").value().target, "/?x");
  EXPECT_EQ(to_text(parse_url("http://[::1]:81/").value()), "http://[::1]:81/");
}

TEST(Endpoint, RefusesBadUrls) {
  for (const char* text :
       {"", "ftp://x/", "http://", "http://h:0/", "http://h:99999/", "http://u@h/", "http://h/#f",
        "http://h/a b", "http://[::1/", "http://h:8x/"}) {
    EXPECT_FALSE(parse_url(text).has_value()) << text;
  }
}

TEST(Endpoint, FreePortCanBeBoundTwiceInARow) {
  EXPECT_NE(free_port().value(), 0);
  EXPECT_NE(free_port().value(), 0);
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> known{"conn_max_age", "workers", "pool"};
  EXPECT_EQ(nearest_name("maxworkersage", known), "");
  EXPECT_EQ(nearest_name("conn_max_aeg", known), "conn_max_age");
  EXPECT_EQ(nearest_name("worker", known), "workers");
  EXPECT_EQ(nearest_name("zzz", known), "");
  const std::vector<std::string> shorts{"use", "1", "100", "on"};
  EXPECT_EQ(nearest_name("us", shorts), "use");
}

TEST(Nearest, FindsNothingNearAShortWordOrANumber) {
  const std::vector<std::string> known{"1", "100", "on", "-8"};
  for (const char* word : {"3", "10", "no", "x", "1.5", "-1", ""}) {
    EXPECT_EQ(nearest_name(word, known), "") << word;
  }
}

TEST(Clock, WritesRfc3339InUtc) {
  EXPECT_EQ(rfc3339(UtcTime(std::chrono::milliseconds(1751978096789))), "2025-07-08T12:34:56.789Z");
}

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string name = (std::filesystem::temp_directory_path() / "poolbench-base-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(FileTest, AtomicWriteReplacesAndLeavesNothingBeside) {
  const auto path = folder_ / "report.json";
  ASSERT_TRUE(write_file_atomically(path, "one").has_value());
  ASSERT_TRUE(write_file_atomically(path, "two\nthree\n").has_value());
  EXPECT_EQ(read_file(path).value(), "two\nthree\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  EXPECT_EQ(tail_of_file(path, 1), "three");
  EXPECT_EQ(tail_of_file(path, 9), "two\nthree");
}

TEST_F(FileTest, SaysWhyAFileCannotBeReadOrWritten) {
  EXPECT_THAT(read_file(folder_ / "absent").error().message, testing::HasSubstr("No such file"));
  EXPECT_THAT(read_file(folder_).error().message, testing::HasSubstr("directory"));
  EXPECT_FALSE(write_file_atomically(folder_ / "no" / "way", "x").has_value());
}

}  // namespace
}  // namespace poolbench::base
