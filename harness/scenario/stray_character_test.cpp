#include "scenario/stray_character.h"

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

}  // namespace
}  // namespace poolbench::scenario
