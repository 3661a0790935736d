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
  EXPECT_THAT(scenario->skipped_cells, ElementsAre("generator=oha"));
  EXPECT_THAT(scenario->comparisons, IsEmpty());
}

TEST(Generators, WithoutAnyThatIsInstalledThereIsNothingToRun) {
  Overrides overrides;
  overrides.only = {"generator=oha"};
  EXPECT_THAT(mistakes_in(expand_body(kTwo, overrides, without_oha())),
              ElementsAre(HasSubstr("has a generator that is installed")));
}

TEST(Generators, AMissingOneOfACellThatIsNotChosenDoesNotMatter) {
  Overrides overrides;
  overrides.only = {"generator=native"};
  EXPECT_TRUE(expand_body("[matrix]\n\"load.generator\" = [\"native\", \"oha\"]\n", overrides,
                          without_oha()));
}

}  // namespace
}  // namespace poolbench::scenario
