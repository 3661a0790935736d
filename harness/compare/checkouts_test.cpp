#include "compare/checkouts.h"

#include <gmock/gmock.h>

#include "compare/fixture.h"

namespace poolbench::compare {
namespace {

using fixture::cell;
using fixture::rates;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

scenario::Scenario scenario_of(const std::vector<std::string>& ids) {
  scenario::Scenario scenario;
  scenario.name = "s";
  for (const std::string& id : ids) scenario.cells.emplace_back().id = id;
  scenario.hypotheses.emplace_back();
  return scenario;
}

/// A run of both sides in which head's cells are `factor` times as fast; every block differs.
report::Report both(double factor, int blocks = 10) {
  report::Report report;
  report.report_id = "run";
  report.scenario.name = "s";
  for (const char* side : {"base", "head"}) {
    auto values = rates(side == std::string("head") ? 100 * factor : 100, blocks, 0.2);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= i % 3 == 0 ? 1.002 : 0.999;
    auto& added =
        report.cells.emplace_back(cell("side=" + std::string(side) + ",variant=pool", values));
    added.factors = {{"side", side}, {"variant", "pool"}};
    auto& target = report.environment.targets.emplace_back();
    target.name = "t";
    target.versions = base::Json{{"django", side}};
    target.data_sha256 = std::optional<std::string>(side);
    target.cells = {added.id};
  }
  return report;
}

TEST(SidesTest, JoinedScenariosHoldTheCellsOfBothUnderAnAxis) {
  const auto joined =
      join_sides(scenario_of({"variant=a", "variant=b"}), scenario_of({"variant=b", "variant=c"}));
  ASSERT_TRUE(joined.has_value());
  std::vector<std::string> ids;
  for (const auto& cell : joined->cells) ids.push_back(cell.id);
  EXPECT_THAT(ids, ElementsAre("side=base,variant=a", "side=base,variant=b", "side=head,variant=b",
                               "side=head,variant=c"));
  EXPECT_EQ(joined->cells[0].factors.front().value, "base");
  ASSERT_EQ(joined->comparisons.size(), 1U);
  EXPECT_THAT(joined->comparisons[0].pairs, ElementsAre(std::pair<std::string, std::string>(
                                                "side=base,variant=b", "side=head,variant=b")));
  EXPECT_THAT(joined->hypotheses, IsEmpty());
}

TEST(SidesTest, ScenariosWithoutACommonCellAreRefused) {
  const auto joined = join_sides(scenario_of({"a=1"}), scenario_of({"a=2"}));
  ASSERT_FALSE(joined.has_value());
  EXPECT_EQ(joined.error().code, base::ErrorCode::kBadInput);
}

TEST(SidesTest, TakeTurnsOnlyWhenTheirScenariosAgreeOnThem) {
  const auto sliced = [](std::optional<std::chrono::milliseconds> slice) {
    auto scenario = scenario_of({"all"});
    scenario.cells.front().load.measure = std::chrono::seconds(1);
    scenario.design.slice = scenario.cells.front().load.slice = slice;
    return scenario;
  };
  using std::chrono_literals::operator""ms;
  EXPECT_TRUE(join_sides(sliced(100ms), sliced(100ms)).has_value());
  for (const auto& other : {sliced(200ms), sliced(std::nullopt)}) {
    const auto joined = join_sides(sliced(100ms), other);
    ASSERT_FALSE(joined.has_value());
    EXPECT_THAT(joined.error().message, HasSubstr("side=head has another design.slice"));
    EXPECT_FALSE(join_sides(other, sliced(100ms)).has_value());
  }
}

TEST(SidesTest, ACellWithoutAxesKeepsItsName) {
  const auto joined = join_sides(scenario_of({"all"}), scenario_of({"all"}));
  EXPECT_EQ(joined->cells[1].id, "side=head");
  EXPECT_EQ(id_without_side("side=head"), "all");
  EXPECT_EQ(id_without_side("side=head,variant=a,workers=2"), "variant=a,workers=2");
}

TEST(SidesTest, AreComparedWithinBlocks) {
  // Blocks differ by up to 40 %, which no comparison of two samples would see through.
  const auto diff = compare_sides(both(0.95), {});
  ASSERT_TRUE(diff.has_value());
  ASSERT_EQ(diff->rows.size(), 1U);
  EXPECT_EQ(diff->rows[0].cell, "variant=pool");
  EXPECT_EQ(diff->rows[0].verdict, report::Verdict::kRegressed);
  EXPECT_NEAR(diff->rows[0].ratio.value(), 0.95, 1e-6);
  EXPECT_EQ(compare_sides(both(1), {})->rows[0].verdict, report::Verdict::kNoChange);
}

TEST(SidesTest, WhatDiffersBetweenTheTargetsIsUnderTest) {
  const auto diff = compare_sides(both(1), {});
  EXPECT_THAT(diff->conditions.blocking, IsEmpty());
  std::vector<std::string> changed;
  for (const auto& difference : diff->conditions.changed) changed.push_back(difference.field);
  EXPECT_THAT(changed, testing::UnorderedElementsAre("environment.target.versions.django",
                                                     "environment.target.data"));
}

TEST(SidesTest, VariablesThatOnlyOneSideAsksForAreUnderTest) {
  report::Report report = both(1);
  report.environment.targets[0].inherited = base::Json::object();
  report.environment.targets[1].inherited = base::Json{{"APP_MODE", "9bcd"}};
  const auto diff = compare_sides(report, {});
  EXPECT_THAT(diff->conditions.blocking, IsEmpty());
  std::vector<std::string> changed;
  for (const auto& difference : diff->conditions.changed) changed.push_back(difference.field);
  EXPECT_THAT(changed, testing::Contains("environment.target.named_by_inherit.APP_MODE"));
  EXPECT_THAT(changed, testing::SizeIs(3));
}

TEST(SidesTest, UnknownDataOfAFurtherTargetAreTheSameOnBothSides) {
  report::Report report = both(1);
  report.environment.targets.emplace_back().name = "u";
  report.environment.targets.back().data_sha256 = {std::nullopt};
  EXPECT_THAT(compare_sides(report, {})->conditions.blocking, IsEmpty());
}

TEST(SidesTest, NothingIsSaidOfANoisyRun) {
  auto report = both(0.5);
  report.design.noisy_environment = true;
  report.design.blocks_rerun = {1, 4};
  const auto diff = compare_sides(report, {});
  EXPECT_EQ(diff->rows[0].verdict, report::Verdict::kInconclusive);
  EXPECT_THAT(diff->rows[0].reason, HasSubstr("noisy_environment: 2 blocks"));
}

TEST(SidesTest, OnlyAChangeThatTheSecondStageFindsTooIsConfirmed) {
  Diff confirmed = compare_sides(both(0.9), {}).value();
  confirm(confirmed, compare_sides(both(0.91), {}).value());
  EXPECT_EQ(confirmed.rows[0].verdict, report::Verdict::kRegressed);
  EXPECT_THAT(confirmed.rows[0].reason, HasSubstr("confirmed: −9.0 %"));
  for (const double second : {1.0, 1.1}) {
    Diff refuted = compare_sides(both(0.9), {}).value();
    confirm(refuted, compare_sides(both(second), {}).value());
    EXPECT_EQ(refuted.rows[0].verdict, report::Verdict::kInconclusive) << second;
    EXPECT_THAT(refuted.rows[0].reason, HasSubstr("not confirmed"));
  }
  Diff lost = compare_sides(both(0.9), {}).value();
  Diff failed = compare_sides(both(0.9), {}).value();
  failed.rows[0].verdict = report::Verdict::kIncomparable;
  failed.rows[0].reason = "failed in head: no answer";
  confirm(lost, failed);
  EXPECT_EQ(lost.rows[0].verdict, report::Verdict::kIncomparable);
  EXPECT_EQ(lost.rows[0].reason, "not confirmed: failed in head: no answer");
  Diff unchanged = compare_sides(both(1), {}).value();
  confirm(unchanged, {});
  EXPECT_EQ(unchanged.rows[0].verdict, report::Verdict::kNoChange);
}

}  // namespace
}  // namespace poolbench::compare
