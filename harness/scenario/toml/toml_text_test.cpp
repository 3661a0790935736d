#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Parsed {
  std::optional<Setting> tree;
  std::vector<Diagnostic> mistakes;
};

Parsed parse(const std::string& text) {
  Mistakes mistakes;
  const auto source = source_of(text);
  auto tree = parse_toml(source->text, source, mistakes);
  return {std::move(tree), mistakes.in_order()};
}

TEST(TomlText, KnowsThePlaceOfEveryKeyAndValue) {
  const Setting tree = parse("a = 1\n[t.u]\n  b = [10,\n 20]\n").tree.value();
  EXPECT_EQ(tree.find("a")->place.line, 1);
  EXPECT_EQ(tree.find("a")->place.column, 5);
  const Setting& inner = *tree.find("t")->find("u");
  EXPECT_EQ(inner.members.front().key_place.line, 3);
  EXPECT_EQ(inner.members.front().key_place.column, 3);
  EXPECT_EQ(inner.find("b")->items[1].place.line, 4);
  EXPECT_EQ(inner.find("b")->items[1].place.column, 2);
}

TEST(TomlText, KeepsTheOrderOfTheFile) {
  const Setting tree = parse("z = 1\na = 2\nm.b = 3\nm.a = 4\n").tree.value();
  EXPECT_EQ(to_json(tree).dump(), R"({"z":1,"a":2,"m":{"b":3,"a":4}})");
}

TEST(TomlText, SaysOneThingAtThePlaceOfASyntaxError) {
  for (const char* text : {"a = 1\nb = = 2\n", "a = 1\nb = \"x\n", "a = 1\na = 2\n", "a = 1\n[a\n",
                           "a = 1\nb = \"\xff\"\n", "a = 1\n[\x02", "a = 1\n[\t.", "a = 1\né = 2\n",
                           "a = 1\nb = 0\"é\n"}) {
    const Parsed parsed = parse(text);
    EXPECT_FALSE(parsed.tree) << text;
    ASSERT_EQ(parsed.mistakes.size(), 1U) << text;
    EXPECT_EQ(parsed.mistakes.front().line, 2) << text;
    EXPECT_GT(parsed.mistakes.front().column, 0) << text;
    EXPECT_THAT(parsed.mistakes.front().message, HasSubstr("not TOML"));
  }
}

TEST(TomlText, NamesAnotherEncodingForWhatItIs) {
  for (const std::string& text : {std::string("\xFF\xFE"
                                              "a\0",
                                              4),
                                  std::string("\xFE\xFF\0a", 4)}) {
    const auto parsed = parse(text);
    ASSERT_EQ(parsed.mistakes.size(), 1U);
    EXPECT_EQ(parsed.mistakes[0].message, "not TOML: it is UTF-16");
  }
}

TEST(TomlText, CountsColumnsInCharacters) {
  const auto column = [](const std::string& text) { return parse(text).mistakes.at(0).column; };
  EXPECT_EQ(column("a = [\"aa\" 1]"), column("a = [\"éé\" 1]"));
  EXPECT_EQ(column("a = \"日本\" é"), 10);
  EXPECT_EQ(parse("\"é\" = 1\n\"è\" = 2").tree.value().members.size(), 2U);
}

TEST(TomlText, RefusesValuesThatNoSettingTakes) {
  const Parsed parsed = parse("a = 2025-07-08\nb = nan\nc = [inf]\nd = 1\ne = \"\\u0000\"\n");
  EXPECT_EQ(parsed.mistakes.size(), 4U);
  EXPECT_EQ(to_json(*parsed.tree).dump(), R"({"c":[],"d":1})");
}

TEST(TomlText, RefusesAbsurdSizesInsteadOfExhaustingTheStack) {
  std::string key = "a";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  for (const std::string& text :
       {key + " = 1", "[" + key + "]", "a = " + std::string(5000, '[') + std::string(5000, ']'),
        "# " + std::string(300'000, 'x')}) {
    const Parsed parsed = parse(text);
    EXPECT_FALSE(parsed.tree);
    EXPECT_EQ(parsed.mistakes.size(), 1U);
  }
  EXPECT_TRUE(parse("# " + std::string(500, '.') + "\na = \"" + std::string(500, '.') + "\"").tree);
}

TEST(Setting, PutMakesTablesOnTheWayAndReplacesWhatIsThere) {
  Setting tree = parse("a = 1\n[t]\nb = 2\n").tree.value();
  Setting five = *tree.find("a");
  five.scalar = 5;
  put(tree, {"t", "b"}, five, five.place);
  put(tree, {"a", "x", "y"}, five, five.place);
  put(tree, {"n"}, five, five.place);
  EXPECT_EQ(to_json(tree).dump(), R"({"a":{"x":{"y":5}},"t":{"b":5},"n":5})");
}

TEST(Setting, OverlayMergesTablesAndReplacesTheRest) {
  Setting lower = parse("[t]\na = 1\nb = [1, 2]\nc = { x = 1, y = 2 }\n").tree.value();
  overlay(lower, parse("[t]\nb = [3]\nc = { y = 9 }\nd = 4\n").tree.value());
  EXPECT_EQ(to_json(lower).dump(), R"({"t":{"a":1,"b":[3],"c":{"x":1,"y":9},"d":4}})");
}

TEST(Setting, ReadsQuotedKeysWithDotsAsPathsAtTheTopOnly) {
  const Setting tree = parse("\"a.b\" = 1\na.c = { \"x.y\" = 2 }\n").tree.value();
  EXPECT_EQ(to_json(with_dotted_keys_as_paths(tree)).dump(), R"({"a":{"b":1,"c":{"x.y":2}}})");
}

TEST(Setting, ComparesValuesAsJsonWhateverTheOrderOfKeys) {
  const auto json = [](const char* text) { return base::Json::parse(text); };
  EXPECT_TRUE(same_value(json(R"({"a":1,"b":2})"), json(R"({"b":2,"a":1})")));
  EXPECT_TRUE(same_value(json("1"), json("1.0")));
  EXPECT_FALSE(same_value(json("1"), json("true")));
  EXPECT_FALSE(same_value(json("\"1\""), json("1")));
}

TEST(Setting, SplitsAndJoinsPaths) {
  EXPECT_THAT(split_path("a.b.c"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_path("a..c"), ElementsAre("a", "", "c"));
  EXPECT_EQ(join_path({"a", "b"}), "a.b");
}

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
