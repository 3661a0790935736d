#include "compare/explanation.h"

#include <gmock/gmock.h>

#include "compare/fixture.h"
#include "compare/verify.h"
#include "compare/within_report.h"
#include "report/budget.h"

namespace poolbench::compare {
namespace {

using report::Budget;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Parts in milliseconds; what is left of the total is unexplained.
Budget budget(double total, double connect, double application, std::optional<double> query = 1) {
  constexpr double kUs = 1000;
  Budget made;
  made.serves_at_once = 2;
  made.total_us = total * kUs;
  made.connect_us = connect * kUs;
  made.application_cpu_us = application * kUs;
  if (query) made.query_us = *query * kUs;
  made.connection_wait_us = made.round_trip_us = made.processor_wait_us = made.generator_us = 0;
  made.unexplained_us = report::unexplained_us(made);
  return made;
}

/// A cell whose trials have this budget, a little different in every block.
report::CellReport cell(const std::string& value, const Budget& budget, int blocks = 8) {
  const double rate = *budget.serves_at_once / budget.total_us * 1e6;
  report::CellReport cell = fixture::cell("pool=" + value, fixture::rates(rate, blocks, 0));
  cell.factors["pool"] = value == "true";
  for (report::Trial& trial : cell.trials) {
    const double noise = 1 + 0.001 * (trial.block * 5 % 7 - 3);
    trial.budget = budget;
    trial.budget->total_us *= noise;
    for (const report::BudgetPart& part : report::kBudgetParts) {
      auto& known = (*trial.budget).*part.value;
      if (known) *known *= noise;
    }
    trial.budget->unexplained_us = report::unexplained_us(*trial.budget);
  }
  return cell;
}

report::ComparisonResult compared(const Budget& before, const Budget& after, int blocks = 8) {
  report::Report report;
  report.cells = {cell("false", before, blocks), cell("true", after, blocks)};
  scenario::Scenario scenario;
  scenario.comparisons = {fixture::comparison("pool=false", "pool=true")};
  compare_within(report, scenario);
  return report.comparisons.front();
}

std::string text(const Budget& before, const Budget& after) {
  const auto explanation = compared(before, after).explanation;
  return explanation ? explanation->text : "none";
}

TEST(ExplanationTest, NamesThePartsThatMakeTheDifference) {
  EXPECT_EQ(text(budget(12, 7, 3), budget(4, 0, 2.1)),
            "pool=true takes 8.0 ms (8.0–8.0) less of a worker's time per request: 7.0 ms "
            "connecting, 0.90 ms application CPU, 0.10 ms unexplained");
}

TEST(ExplanationTest, LeavesOutWhatDoesNotMatter) {
  const std::string said = text(budget(12, 7, 2.5), budget(4, 0, 2.1));
  EXPECT_THAT(said, HasSubstr("7.0 ms connecting, 0.60 ms unexplained"));
  EXPECT_THAT(said, Not(HasSubstr("application")));
}

TEST(ExplanationTest, TellsWhatWorksAgainstIt) {
  EXPECT_THAT(text(budget(12, 8, 2), budget(6, 0, 4)),
              HasSubstr("takes 6.0 ms (6.0–6.0) less of a worker's time per request: 8.0 ms "
                        "connecting, 0.00 ms unexplained; against it 2.0 ms application CPU"));
}

TEST(ExplanationTest, SaysThatMostIsUnexplained) {
  EXPECT_THAT(text(budget(4, 0, 2), budget(12, 2, 2)),
              HasSubstr("takes 8.0 ms (8.0–8.0) more of a worker's time per request: 6.0 ms of it "
                        "are unexplained, the rest is 2.0 ms connecting"));
}

TEST(ExplanationTest, NamesWhatIsNotKnown) {
  EXPECT_THAT(text(budget(12, 7, 3, std::nullopt), budget(4, 0, 2.1)),
              HasSubstr("unexplained (in which there may be what is not known: queries)"));
}

TEST(ExplanationTest, SaysNothingWhereTheNumbersDoNot) {
  const auto noise = compared(budget(12, 7, 3), budget(12, 7, 3)).explanation;
  ASSERT_TRUE(noise);
  EXPECT_THAT(noise->text, IsEmpty());
  EXPECT_EQ(noise->parts.size(), report::kBudgetParts.size() + 1);
  EXPECT_EQ(noise->parts.back().part, "unexplained_us");
  EXPECT_FALSE(compared(budget(12, 7, 3), budget(4, 0, 2), 5).explanation) << "too few blocks";
  Budget latency = budget(4, 0, 2);
  latency.of = report::BudgetOf::kLatency;
  EXPECT_FALSE(compared(budget(12, 7, 3), latency).explanation) << "they divide different things";
}

TEST(ExplanationTest, TellsThatAWorkerIsNotTheSame) {
  Budget many = budget(40, 0, 2);
  many.serves_at_once = 16;
  EXPECT_THAT(text(budget(12, 7, 3), many),
              HasSubstr("pool=true, which serves 16 instead of 2 requests at once, takes 28.0 ms"));
}

TEST(ExplanationTest, OnlyOneSideThatCountsStatementsIsIncomparable) {
  report::Report report;
  report.cells = {cell("false", budget(12, 7, 3)), cell("true", budget(4, 0, 2))};
  report.cells[1].config["postgres"]["statements"] = true;
  scenario::Scenario scenario;
  scenario.comparisons = {fixture::comparison("pool=false", "pool=true")};
  compare_within(report, scenario);
  EXPECT_EQ(report.comparisons[0].verdict, report::Verdict::kIncomparable);
  EXPECT_THAT(report.comparisons[0].reason, HasSubstr("postgres.statements"));
  for (report::CellReport& each : report.cells) each.factors["statements"] = each.id == "pool=true";
  compare_within(report, scenario);
  EXPECT_NE(report.comparisons[0].verdict, report::Verdict::kIncomparable) << "it is the question";
}

TEST(ExplanationTest, AForgedPartIsFound) {
  report::Report report;
  report.cells = {cell("false", budget(12, 7, 3))};
  report.cells[0].trials[0].budget->connect_us = 1;
  report::summarise(report);
  std::vector<std::string> found;
  for (const Finding& finding : verify(report::to_json(report), report)) {
    found.push_back(finding.where);
  }
  EXPECT_THAT(found, testing::Contains("cells[0].trials[0].budget.unexplained_us"));
}

}  // namespace
}  // namespace poolbench::compare
