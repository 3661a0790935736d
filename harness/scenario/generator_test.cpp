#include "scenario/generator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Generators, AskedForWhatTheyCannotDoTheyAreRefusedWithThoseThatCan) {
  const std::pair<const char*, const char*> refusals[] = {
      {"generator = \"wrk\"\nrate = 100", "use native, oha, k6, vegeta"},
      {"generator = \"wrk\"\nrequests = 100", "use native, oha, ab, hey, k6, h2load"},
      {"generator = \"h2load\"\nkeep_alive = false", "use native, oha, wrk, ab, hey, k6, vegeta"},
      {"generator = \"ab\"\nthreads = 2", "use native, wrk, hey, k6, vegeta, h2load"},
      {"generator = \"hey\"\nrequests = 201", "ask for a multiple of load.connections"},
      {"generator = \"wrk\"\nmeasure = \"1500ms\"", "use native, oha, hey, k6, vegeta, h2load"}};
  for (const auto& [load, next] : refusals) {
    const auto scenario = expand_body(std::string("[load]\n") + load + "\n");
    ASSERT_FALSE(scenario) << load;
    ASSERT_EQ(scenario.error().size(), 1U) << load;
    EXPECT_EQ(scenario.error().front().line, 6) << load;
    EXPECT_THAT(scenario.error().front().next, HasSubstr(next));
  }
}

TEST(Generators, AreRefusedWhereAnAxisAsksForThem) {
  const auto scenario =
      expand_body("[load]\nrate = 100\n[matrix]\n\"load.generator\" = [\"oha\", \"ab\"]\n");
  EXPECT_THAT(mistakes_in(scenario),
              ElementsAre(HasSubstr("5:8 load.rate asks for what ab cannot do")));
}

TEST(Generators, AMissingOneIsAMistakeAtItsPlace) {
  Overrides overrides;
  overrides.missing_generators = {"oha"};
  const auto scenario = expand_body("load.generator = \"oha\"\n", overrides);
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
  Overrides overrides;
  overrides.missing_generators = {"oha"};
  const auto scenario = expand_body(kTwo, overrides);
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  EXPECT_THAT(ids_of(*scenario), ElementsAre("generator=native"));
  EXPECT_THAT(scenario->skipped_cells, ElementsAre("generator=oha"));
  EXPECT_THAT(scenario->comparisons, IsEmpty());
}

TEST(Generators, WithoutAnyThatIsInstalledThereIsNothingToRun) {
  Overrides overrides;
  overrides.missing_generators = {"oha"};
  overrides.only = {"generator=oha"};
  EXPECT_THAT(mistakes_in(expand_body(kTwo, overrides)),
              ElementsAre(HasSubstr("has a generator that is installed")));
}

TEST(Generators, AMissingOneOfACellThatIsNotChosenDoesNotMatter) {
  Overrides overrides;
  overrides.missing_generators = {"oha"};
  overrides.only = {"generator=native"};
  EXPECT_TRUE(expand_body("[matrix]\n\"load.generator\" = [\"native\", \"oha\"]\n", overrides));
}

}  // namespace
}  // namespace poolbench::scenario
