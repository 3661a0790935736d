#include "scenario/target/target_budget.h"

#include <gmock/gmock.h>

#include "scenario/expand_fixture.h"
#include "scenario/target/target_metrics.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::map<std::string, ParameterSpec> params() {
  std::map<std::string, ParameterSpec> params;
  params["workers"].default_value = params["threads"].default_value = 1;
  params["kind"].default_value = "sync";
  return params;
}

struct ReadBudget {
  TargetSpec::Budget budget;
  std::vector<std::string> mistakes;
};

ReadBudget read(const std::string& text) {
  MetricSpec wait, size;
  wait.name = "target.wait";
  wait.unit = "ms";
  wait.per = report::Per::kRequest;
  size.name = "target.size";
  size.unit = "connections";
  size.per = report::Per::kRequest;
  Mistakes mistakes;
  ReadBudget result;
  const auto source = source_of(text);
  if (const auto root = parse_toml(source->text, source, mistakes)) {
    TableReader top(&*root, "", root->place, mistakes);
    result.budget = read_budget(top, params(), {wait, size});
    top.refuse_unknown();
  }
  for (const Diagnostic& mistake : mistakes.in_order()) result.mistakes.push_back(mistake.message);
  return result;
}

constexpr const char* kWhole = R"(
[[budget.serves_at_once]]
when = { kind = "sync" }
params = ["workers"]
[[budget.serves_at_once]]
when = { kind = "threads" }
params = ["workers", "threads"]
[budget.connection_wait]
metric = "wait"
none_when = { kind = "sync" }
)";

TEST(TargetBudgetTest, SaysHowManyRequestsAreServedAtOnce) {
  const auto [budget, mistakes] = read(kWhole);
  EXPECT_THAT(mistakes, IsEmpty());
  const auto serves = [&](const char* kind) {
    return serves_at_once(budget, {{"kind", kind}, {"workers", 2}, {"threads", 8}});
  };
  EXPECT_EQ(serves("sync"), 2);
  EXPECT_EQ(serves("threads"), 16);
  EXPECT_EQ(serves("events"), std::nullopt);
  ASSERT_TRUE(budget.connection_wait);
  EXPECT_EQ(budget.connection_wait->metric, "target.wait");
  EXPECT_EQ(budget.connection_wait->us_per_unit, 1000);
  EXPECT_EQ(budget.connection_wait->none_when.size(), 1U);
}

TEST(TargetBudgetTest, ATargetNeedNotSayAnything) {
  const auto [budget, mistakes] = read("");
  EXPECT_THAT(mistakes, IsEmpty());
  EXPECT_EQ(serves_at_once(budget, {}), std::nullopt);
  EXPECT_FALSE(budget.connection_wait);
}

TEST(TargetBudgetTest, NamesOnlyWhatThereIs) {
  EXPECT_THAT(read("[[budget.serves_at_once]]\nparams = [\"worker\"]\n").mistakes,
              ElementsAre("budget.serves_at_once.params names no parameter: \"worker\""));
  EXPECT_THAT(read("[[budget.serves_at_once]]\nparams = [\"kind\"]\n").mistakes,
              ElementsAre(HasSubstr("must name parameters that are integers")));
  EXPECT_THAT(
      read("[[budget.serves_at_once]]\nwhen = { kin = 1 }\nparams = [\"workers\"]\n").mistakes,
      ElementsAre(HasSubstr("the target has no such parameter")));
  EXPECT_THAT(read("[[budget.serves_at_once]]\n").mistakes,
              ElementsAre(HasSubstr("budget.serves_at_once.params")));
  EXPECT_THAT(read("[budget.connection_wait]\nmetric = \"waits\"\n").mistakes,
              ElementsAre("budget.connection_wait.metric names no [[metric]] of the target: "
                          "\"waits\""));
  EXPECT_THAT(read("[budget.connection_wait]\nmetric = \"size\"\n").mistakes,
              ElementsAre(HasSubstr("must name a counter per request, in us, ms or s")));
  EXPECT_THAT(read("[budget]\nwaits = 1\n").mistakes, ElementsAre(HasSubstr("budget.waits")));
}

}  // namespace
}  // namespace poolbench::scenario
