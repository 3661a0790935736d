#include "scenario/load_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Generators, AreRefusedWhereAnAxisAsksForThem) {
  const auto scenario =
      expand_body("[load]\nrate = 100\n[matrix]\n\"load.generator\" = [\"oha\", \"ab\"]\n");
  EXPECT_THAT(mistakes_in(scenario),
              ElementsAre(HasSubstr("5:8 load.rate asks for what ab cannot do")));
}

TEST(Generators, AMissingOneIsAMistakeAtItsPlace) {
  const auto scenario = expand_body("load.generator = \"oha\"\n", {}, without_oha());
  ASSERT_FALSE(scenario);
  EXPECT_THAT(mistakes_in(scenario), ElementsAre("4:18 load.generator oha is not installed"));
  EXPECT_THAT(scenario.error().front().next, HasSubstr("tools/setup --generators oha"));
}

constexpr const char* kTwo = R"(design.skip_missing_generators = true
[matrix]
"load.generator" = ["native", "oha"]
[[compare]]
name = "agrees"
baseline = { generator = "native" }
candidate = { generator = "oha" }
)";

TEST(Generators, AMissingOneIsLeftOutOnRequestWithItsComparisons) {
  const auto scenario = expand_body(kTwo, {}, without_oha());
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  EXPECT_THAT(ids_of(*scenario), ElementsAre("generator=native"));
  ASSERT_EQ(scenario->skipped_cells.size(), 1U);
  EXPECT_EQ(scenario->skipped_cells.front().id, "generator=oha");
  EXPECT_THAT(scenario->comparisons, IsEmpty());
}

TEST(Generators, WithoutAnyThatIsInstalledThereIsNothingToRun) {
  Overrides overrides;
  overrides.only = {"generator=oha"};
  EXPECT_THAT(mistakes_in(expand_body(kTwo, overrides, without_oha())),
              ElementsAre(HasSubstr("can run: load.generator oha is not installed")));
}

TEST(Generators, AMissingOneOfACellThatIsNotChosenDoesNotMatter) {
  Overrides overrides;
  overrides.only = {"generator=native"};
  EXPECT_TRUE(expand_body("[matrix]\n\"load.generator\" = [\"native\", \"oha\"]\n", overrides,
                          without_oha()));
}

TEST(Mix, NamesEndpointsWithTheirWeights) {
  const auto scenario = expand_body(
      "[[load.mix]]\nendpoint = \"query\"\nweight = 9\n[[load.mix]]\nendpoint = \"no-db\"\n");
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  const Cell& cell = scenario->cells.front();
  EXPECT_THAT(cell.endpoints(), ElementsAre(MixPart{"query", 9}, MixPart{"no-db", 1}));
  EXPECT_TRUE(cell.uses_database());
  EXPECT_EQ(cell.config.at("load").at("mix").size(), 2U);
}

TEST(Mix, IsOfOneEndpointWhereNoneIsDeclared) {
  const auto scenario = expand_body("");
  ASSERT_TRUE(scenario);
  EXPECT_THAT(scenario->cells.front().endpoints(), ElementsAre(MixPart{"query", 1}));
  EXPECT_FALSE(scenario->cells.front().config.at("load").contains("mix"));
}

TEST(Mix, CanBeAnAxis) {
  const auto scenario = expand_body(
      "[variant.reads]\nload.mix = [{ endpoint = \"query\" }]\n"
      "[variant.both]\n"
      "load.mix = [{ endpoint = \"query\" }, { endpoint = \"no-db\", weight = 0.5 }]\n"
      "[matrix]\nvariant = [\"reads\", \"both\"]\n");
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  ASSERT_EQ(scenario->cells.size(), 2U);
  EXPECT_EQ(scenario->cells[1].endpoints().at(1).weight, 0.5);
}

TEST(Mix, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"load.mix = [{ endpoint = \"qery\" }]", "load.mix.endpoint names no endpoint of target web"},
      {"load.mix = [{ weight = 2 }]", "load.mix.endpoint is missing"},
      {"load.mix = [{ endpoint = \"query\", weight = 0 }]", "load.mix.weight must be"},
      {"load.mix = [{ endpoint = \"query\" }, { endpoint = \"query\" }]",
       "load.mix.endpoint names \"query\" a second time"},
      {"load.mix = [{ endpoint = \"query\", share = 1 }]", "unknown key load.mix.share"},
      {"target.endpoint = \"query\"\nload.mix = [{ endpoint = \"query\" }]",
       "target.endpoint has no effect with load.mix"}};
  for (const auto& [body, words] : mistakes) {
    EXPECT_THAT(mistakes_in(expand_body(std::string(body) + "\n")),
                testing::Contains(HasSubstr(words)))
        << body;
  }
}

TEST(Mix, IsRefusedForAGeneratorThatSendsOneKindOfRequest) {
  Generators generators = all_generators();
  for (Generator& generator : generators) generator.mixes = generator.name == "native";
  const auto scenario = expand_body(
      "load.generator = \"wrk\"\n"
      "load.mix = [{ endpoint = \"query\" }, { endpoint = \"no-db\" }]\n",
      {}, generators);
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().front().message,
            "load.mix asks for what wrk cannot do: send several kinds of request");
  EXPECT_EQ(scenario.error().front().next, "use native");
}

}  // namespace
}  // namespace poolbench::scenario
