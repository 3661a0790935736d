#include "base/text.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace poolbench::base {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  for (const char* text : {"", "plain", "±5 % – ✓ 語 😀", "e\u0301"}) {
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable(text, true), text);
  }
}

TEST(Printable, TakesAwayWhatSteersATerminal) {
  EXPECT_EQ(printable("a\033[31mb\r\n\tc\x7F"), "a [31mb   c ");
  EXPECT_EQ(printable("a\u009B31mb\u0085c"), "a 31mb c");
  EXPECT_EQ(printable("user\u202Etxt.exe\u2066"), "user txt.exe ");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a b");
}

TEST(Printable, KeepsLinesWhereTheyAreWanted) {
  EXPECT_EQ(printable("a\nb\rc", true), "a\nb c");
  EXPECT_EQ(printable("a\nb"), "a b");
}

TEST(Printable, ReplacesWhatIsNoUtf8) {
  EXPECT_EQ(printable("a\xFF"
                      "b"),
            "a\uFFFDb");
  EXPECT_EQ(printable("cut \xE2\x80"), "cut \uFFFD");
  EXPECT_EQ(printable("\x80\x80 x"), "\uFFFD x");
  EXPECT_EQ(printable("\xC0\xAF overlong"), "\uFFFD overlong");
  EXPECT_EQ(printable("\xED\xA0\x80 surrogate"), "\uFFFD surrogate");
  EXPECT_EQ(printable("\xF4\x90\x80\x80 too far"), "\uFFFD too far");
  EXPECT_EQ(printable("\uFFFE no character"), "\uFFFD no character");
}

TEST(Printable, JsonIsShownAsItReadsBack) {
  const Json json = {{"a", "\033[31m\u009B\x7F\u202E\n"}, {"b", "±"}};
  const std::string text = json_dump(json, 1);
  EXPECT_EQ(printable(text, true), text);
  EXPECT_EQ(Json::parse(text), json);
  EXPECT_EQ(json_dump(Json("a\xFF")), "\"a\uFFFD\"");
}

TEST(Utf8, ReadsTheFirstCharacter) {
  EXPECT_EQ(first_character("a").value().bytes, 1U);
  EXPECT_EQ(first_character("é!").value().code, U'é');
  EXPECT_EQ(first_character("語").value().bytes, 3U);
  EXPECT_EQ(first_character("😀").value().code, U'😀');
  EXPECT_FALSE(first_character("").has_value());
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

}  // namespace
}  // namespace poolbench::base
