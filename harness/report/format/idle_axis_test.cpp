
#include <gmock/gmock.h>

#include "report/format/text.h"

namespace poolbench::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct Figures {
  double rate = 1000;
  double sessions = 1;
};

CellReport cell_with(const std::string& mode, Figures figures, int blocks) {
  CellReport cell;
  cell.id = "mode=" + mode;
  cell.factors = {{"mode", mode}};
  cell.config = {{"target", {{"params", {{"mode", mode}, {"other", 1}}}}}};
  for (int block = 0; block < blocks; ++block) {
    Trial& trial = cell.trials.emplace_back();
    trial.block = block;
    trial.measurement.emplace();
    // Each block has a minute of its own; a cell is now a little quicker and now a little slower.
    const double noise = mode == "fresh" ? 0 : (block % 2 == 0 ? 0.01 : -0.01);
    trial.measurement->throughput_requests_per_second = figures.rate * (1 + 0.1 * block + noise);
    trial.database.sessions_per_request = figures.sessions;
  }
  summarise(cell);
  return cell;
}

Report report_with(Figures fresh, Figures pool, int blocks = 6) {
  Report report;
  report.cells = {cell_with("fresh", fresh, blocks), cell_with("pool", pool, blocks)};
  return report;
}

TEST(IdleAxis, IsOneWhoseValuesAllGaveTheSame) {
  const auto idle = idle_axes(report_with({}, {}));
  ASSERT_EQ(idle.size(), 1U);
  EXPECT_EQ(idle.front().name, "mode");
  EXPECT_THAT(idle.front().values, testing::ElementsAre("fresh", "pool"));
  EXPECT_THAT(idle_axes(report_with({}, {1000, 0.995})), Not(IsEmpty()));
}

TEST(IdleAxis, IsNoneWhereSomethingDiffersOrTooLittleIsKnown) {
  EXPECT_THAT(idle_axes(report_with({}, {1100, 1})), IsEmpty());
  EXPECT_THAT(idle_axes(report_with({}, {1000, 0})), IsEmpty());
  EXPECT_THAT(idle_axes(report_with({}, {}, 5)), IsEmpty());
  Report unknown = report_with({}, {});
  for (Trial& trial : unknown.cells[0].trials) trial.database.sessions_per_request.reset();
  EXPECT_THAT(idle_axes(unknown), IsEmpty());
}

TEST(IdleAxis, IsNoneOutsideOfTheTargetsParameters) {
  Report report = report_with({}, {});
  for (CellReport& cell : report.cells) {
    cell.config["load"]["mode"] = cell.config["target"]["params"]["mode"];
    cell.config["target"]["params"]["mode"] = "its default";
  }
  EXPECT_THAT(idle_axes(report), IsEmpty());
}

TEST(IdleAxis, IsNoneWhereAComparisonOrHypothesisSpeaksOfIt) {
  Report report = report_with({}, {});
  report.comparisons.emplace_back();
  report.comparisons.back().baseline = "mode=fresh";
  report.comparisons.back().candidate = "mode=pool";
  EXPECT_THAT(idle_axes(report), IsEmpty());

  report = report_with({}, {});
  Evidence& evidence = report.hypotheses.emplace_back().evidence;
  evidence.cells.emplace_back().cell = "mode=pool";
  EXPECT_THAT(idle_axes(report), IsEmpty());

  evidence.cells.emplace_back().cell = "mode=fresh";
  EXPECT_THAT(idle_axes(report), Not(IsEmpty()))
      << "a claim about all cells is none about the axis";

  evidence.cells.clear();
  evidence.pairs.emplace_back().baseline = "mode=pool";
  evidence.pairs.back().candidate = "mode=fresh";
  EXPECT_THAT(idle_axes(report), IsEmpty());
}

TEST(IdleAxis, IsToldInANoteOfTheSummary) {
  EXPECT_THAT(
      to_text(report_with({}, {}), {false, 200}),
      HasSubstr("mode made no difference: fresh and pool gave the same sessions/request and, "
                "within the interval, the same rate."));
  EXPECT_THAT(to_text(report_with({}, {1100, 1}), {false, 200}),
              Not(HasSubstr("made no difference")));
}

}  // namespace
}  // namespace poolbench::report
