#include "scenario/matrix/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""s;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kTwoAxes =
    "[variant.a]\n[variant.b]\n[matrix]\nvariant = [\"a\", \"b\"]\n"
    "\"target.params.workers\" = [1, 2]\n";

Scenario set(const std::vector<std::string>& words, const std::string& body = "") {
  auto result = expand_body(body, {words, {}});
  EXPECT_TRUE(result.has_value()) << (result ? "" : to_text(result.error()));
  return result.value();
}

std::string refusal(const Overrides& overrides, const std::string& body = kTwoAxes) {
  const auto result = expand_body(body, overrides);
  EXPECT_FALSE(result.has_value());
  return result ? "" : to_text(result.error());
}

TEST(Set, ReplacesAnySettingOfTheFile) {
  const Scenario s = set({"load.connections=20", "load.measure=3s", "design.blocks=5",
                          "target.params.workers=4", "target.params.pool={ max_size = 4 }"},
                         "[load]\nconnections = 7\n");
  const Cell& cell = s.cells.front();
  EXPECT_EQ(cell.load.connections, 20);
  EXPECT_EQ(cell.load.measure, 3s);
  EXPECT_EQ(s.design.blocks, 5);
  EXPECT_EQ(cell.target.params.at("workers"), 4);
  EXPECT_EQ(cell.target.params.at("pool"), base::Json({{"max_size", 4}}));
  EXPECT_EQ(s.effective["load"]["connections"], 20);
}

TEST(Set, TakesABareWordAsAString) {
  const Scenario s = set({"target.params.worker_class=gthread", "summary=two words, and = too"});
  EXPECT_EQ(s.cells.front().target.params.at("worker_class"), "gthread");
  EXPECT_EQ(s.summary, "two words, and = too");
}

TEST(Set, ReachesAxesAndVariantsHoweverTheFileWroteThem) {
  EXPECT_THAT(ids_of(set({"matrix.target.params.workers=[3]"}, kTwoAxes)),
              ElementsAre("variant=a,workers=3", "variant=b,workers=3"));
  const Scenario s = set({"variant.a.target.params.pool=true"}, kTwoAxes);
  EXPECT_EQ(s.cells.front().target.params.at("pool"), true);
  EXPECT_EQ(s.cells.back().target.params.at("pool"), false);
}

TEST(Set, TakesQuotedKeysAsTomlWritesThem) {
  for (const char* word :
       {R"(matrix."target.params.workers"=[3])", R"(matrix.'target.params.workers'=[3])",
        R"(matrix."target.params".workers = [3])",
        R"("matrix" . "target.params.w\u006frkers" = [3])"}) {
    EXPECT_THAT(ids_of(set({word}, kTwoAxes)),
                ElementsAre("variant=a,workers=3", "variant=b,workers=3"))
        << word;
    EXPECT_THAT(ids_of(set({word}, "[matrix]\ntarget.params.workers = [1, 2]\n")),
                ElementsAre("workers=3"))
        << word;
  }
  const Scenario s = set({R"(postgres.settings."pg_stat_statements.track" = "all")"});
  EXPECT_EQ(s.cells.front().postgres.settings.at("pg_stat_statements.track"), "all");
}

TEST(Set, RefusesWhatTheMatrixVaries) {
  const std::string text = refusal({{"target.params.workers=4"}, {}});
  EXPECT_THAT(text, HasSubstr("--set: the matrix varies target.params.workers"));
  EXPECT_THAT(text, HasSubstr("--only workers="));
}

TEST(Set, SaysTheMistakesOfTheCommandLineAsThoseOfTheFile) {
  EXPECT_THAT(refusal({{"load.conections=4"}, {}}),
              HasSubstr("--set: unknown key load.conections"));
  EXPECT_THAT(refusal({{"load.measure=4"}, {}}), HasSubstr("write \"4s\""));
  EXPECT_THAT(refusal({{"load"}, {}}), HasSubstr("is not PATH=VALUE"));
  EXPECT_THAT(refusal({{"load..x=1"}, {}}), HasSubstr("is not PATH=VALUE"));
  EXPECT_THAT(refusal({{"matrix.\"a=[1]"}, {}}), HasSubstr("is not PATH=VALUE"));
  EXPECT_THAT(refusal({{"[load]\nx=1"}, {}}), HasSubstr("is not PATH=VALUE"));
  EXPECT_THAT(refusal({{"#x=1"}, {}}), HasSubstr("is not PATH=VALUE"));
  EXPECT_THAT(refusal({{"target.params.database_settings.\xff=1"}, {}}),
              HasSubstr("is not PATH=VALUE"));
  EXPECT_THAT(refusal({{"load.measure=\"3s"}, {}}), HasSubstr("not TOML"));
  EXPECT_THAT(refusal({{"summary='a'\nschema = 2"}, {}}), HasSubstr("not a value"));
  EXPECT_THAT(refusal({{"name=\xff"}, {}}), HasSubstr("not TOML"));
  EXPECT_THAT(refusal({{"compare.0.name=x"}, {}}, "[[compare]]\nname = \"c\"\n"),
              HasSubstr("lies in a list"));
}

TEST(Only, KeepsTheCellsThatAnyOfItsWordsMatches) {
  const auto ids = [](const std::vector<std::string>& words) {
    return ids_of(*expand_body(kTwoAxes, {{}, words}));
  };
  EXPECT_THAT(ids({"variant=a"}), ElementsAre("variant=a,workers=1", "variant=a,workers=2"));
  EXPECT_THAT(ids({"variant=a,workers=2"}), ElementsAre("variant=a,workers=2"));
  EXPECT_THAT(ids({"variant=b,target.params.workers=2", "variant=a,workers=1"}),
              ElementsAre("variant=a,workers=1", "variant=b,workers=2"));
}

TEST(Only, TakesValuesAsTheyStandInCellIds) {
  const auto result = expand_body(
      "[matrix]\n\"target.params.pool\" = [false, { a = 1, b = 2 }]\n"
      "\"placement.target\" = [\"0,1\", \"1\"]\n",
      {{}, {R"(pool={"a":1,"b":2},target=0,1)"}});
  EXPECT_THAT(ids_of(*result), ElementsAre(R"(pool={"a":1,"b":2},target=0,1)"));
}

TEST(Only, ListsTheValuesWhenItMatchesNoCell) {
  const std::string axes = "axes: variant = a | b; workers = 1 | 2";
  EXPECT_THAT(refusal({{}, {"variant=c"}}), HasSubstr("axis variant has no value \"c\""));
  EXPECT_THAT(refusal({{}, {"variant=c"}}), HasSubstr(axes));
  EXPECT_THAT(refusal({{}, {"varaint=a"}}), HasSubstr("no axis \"varaint\""));
  EXPECT_THAT(refusal({{}, {"a"}}), HasSubstr("\"a\" is not AXIS=VALUE"));
  EXPECT_THAT(refusal({{}, {"variant=a,workers=2"}},
                      std::string(kTwoAxes) + "[[matrix.exclude]]\nvariant = \"a\"\nworkers = 2\n"),
              HasSubstr("no cell has variant=a,workers=2"));
}

TEST(Only, DropsQuestionsThatSpeakOfNothingLeft) {
  const std::string questions =
      "[[compare]]\nname = \"c\"\nbaseline = { variant = \"a\" }\ncandidate = { variant = \"b\" }\n"
      "[[hypothesis]]\nclaim = \"h\"\nmetric = \"error_ratio\"\ncell = { workers = 1 }\nat_most = "
      "0\n"
      "[[reference]]\nsource = \"s\"\nmetric = \"error_ratio\"\n"
      "values = [{ cell = { variant = \"b\" }, value = 0 }]\n";
  const auto all = expand_body(kTwoAxes + questions);
  ASSERT_TRUE(all.has_value()) << to_text(all.error());
  EXPECT_EQ(all->comparisons.front().pairs.size(), 2U);
  const auto some = expand_body(kTwoAxes + questions, {{}, {"variant=a"}});
  EXPECT_THAT(some->comparisons, IsEmpty());
  EXPECT_THAT(some->references, IsEmpty());
  EXPECT_THAT(some->hypotheses.front().cells, ElementsAre("variant=a,workers=1"));
}

}  // namespace
}  // namespace poolbench::scenario
