#include "scenario/toml/stray_character.h"

#include <gtest/gtest.h>

namespace poolbench::scenario {
namespace {

TEST(StrayCharacter, MayStandInQuotesAndComments) {
  for (const char* text :
       {"a = \"é\"", "a = 'é'", "# é\na = 1", "a = 1 # é", "a = \"\"\"\né\"é\n\"\"\"\nb = 1",
        "a = '''é''é\n'''", "a = \"\\\"é\"", "\"é\" = 1", "a = \"\"\"x\"\"\"\"\"\nb = 'é'",
        "\xEF\xBB\xBF"
        "a = 1",
        "a = \"\"  # é", "\ta = 1\r\n"}) {
    EXPECT_FALSE(stray_character(text)) << text;
  }
}

TEST(StrayCharacter, IsFoundElsewhere) {
  EXPECT_EQ(stray_character("é = 1"), 0U);
  EXPECT_EQ(stray_character("a = \"x\" é"), 8U);
  EXPECT_EQ(stray_character("# c\né"), 4U);
  EXPECT_EQ(stray_character("a = \"\" é"), 7U);
  EXPECT_EQ(stray_character("a = \"\"\"x\"\"\" é"), 12U);
  EXPECT_EQ(stray_character("a = '\\' é"), 8U);
  EXPECT_EQ(stray_character("[\x02"), 1U);
  EXPECT_EQ(stray_character("a\x7f"), 1U);
  EXPECT_EQ(stray_character("\xEF\xBB\xBBH"), 0U);
}

TEST(InPlainCharacters, KeepsWhatDiffersApart) {
  EXPECT_EQ(in_plain_characters("é = \"\x02\"\t# ab\r\n"), "xc3xa9 = \"x02\"\t# ab\r\n");
  EXPECT_NE(in_plain_characters("é"), in_plain_characters("è"));
  EXPECT_EQ(in_plain_characters("\xEF\xBB\xBF"
                                "a = 1"),
            "\xEF\xBB\xBF"
            "a = 1");
}

TEST(InPlainCharacters, TellsTheColumn) {
  const std::string_view line = "é = 日本 b";
  ASSERT_EQ(in_plain_characters(line), "xc3xa9 = xe6x97xa5xe6x9cxac b");
  EXPECT_EQ(column_from_plain(line, 1), 1);
  EXPECT_EQ(column_from_plain(line, 8), 3);
  EXPECT_EQ(column_from_plain(line, 29), 8);
  EXPECT_EQ(column_from_plain(line, 30), 9) << "the end of the line";
}

}  // namespace
}  // namespace poolbench::scenario
