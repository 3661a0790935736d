#include "compare/history.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "compare/format/render.h"
#include "compare/golden_fixture.h"

namespace poolbench::compare {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A cell's nights: so many at each level, with half a per cent of noise.
std::vector<HistoryLine> nights(const std::vector<std::pair<int, double>>& levels) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal(0, 0.005);
  std::vector<HistoryLine> lines;
  for (const auto& [count, level] : levels) {
    for (int i = 0; i < count; ++i) {
      HistoryLine line;
      line.report_id = "night-" + std::to_string(1000 + lines.size());
      line.started_at = line.report_id;
      line.scenario = "shop";
      line.cell = "variant=pool";
      line.anchor = "variant=no-pool";
      line.metric = "throughput_requests_per_second";
      line.log_value = std::log(level) + normal(random);
      line.value = std::exp(line.log_value);
      lines.push_back(line);
    }
  }
  return lines;
}

std::vector<Change> changes(const std::vector<HistoryLine>& lines,
                            const std::set<std::string>& acknowledged = {}) {
  const auto found = trends(lines, {}, acknowledged);
  return found.size() == 1 ? found[0].changes : std::vector<Change>{};
}

TEST(TrendTest, NoiseIsNoChange) { EXPECT_THAT(changes(nights({{60, 5.0}})), IsEmpty()); }

TEST(TrendTest, AChangeIsACandidateUntilThreeMoreNights) {
  for (const int after : {3, 4, 10}) {
    const auto found = changes(nights({{40, 5.0}, {after, 4.5}}));
    ASSERT_EQ(found.size(), 1U) << after;
    EXPECT_EQ(found[0].report_id, "night-1040");
    EXPECT_NEAR(found[0].ratio, 0.9, 0.01);
    EXPECT_EQ(found[0].state, after > 3 ? "confirmed" : "candidate") << after;
  }
}

TEST(TrendTest, AChangeThatWasTakenBackIsRecovered) {
  const auto found = changes(nights({{25, 5.0}, {8, 4.5}, {12, 5.0}}));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].state, "recovered");
  EXPECT_EQ(found[1].state, "confirmed");
}

TEST(TrendTest, AKnownChangeIsAcknowledged) {
  const auto found = changes(nights({{20, 5.0}, {10, 4.5}}), {"night-1020"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].state, "acknowledged");
}

TEST(TrendTest, ChangesBelowTwoPerCentAreNone) {
  EXPECT_THAT(changes(nights({{25, 5.0}, {25, 5.0 * 1.012}})), IsEmpty());
}

TEST(TrendTest, KeepsSessionsUnderOtherConditionsApart) {
  auto lines = nights({{20, 5.0}, {10, 4.0}});
  for (std::size_t i = 0; i < 20; ++i) lines[i].conditions = "before the upgrade";
  const auto found = trends(lines, {}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].runs.size(), 10U);
  EXPECT_EQ(found[0].elsewhere, 20);
  EXPECT_THAT(found[0].changes, IsEmpty());
}

TEST(TrendTest, CountsAReportOnceInTheOrderOfTime) {
  auto lines = nights({{5, 5.0}});
  lines.push_back(lines[2]);
  std::reverse(lines.begin(), lines.end());
  const auto found = trends(lines, {}, {});
  ASSERT_EQ(found[0].runs.size(), 5U);
  EXPECT_EQ(found[0].runs.back().report_id, "night-1004");
}

TEST(HistoryTest, LinesComeFromAReportAndSurviveTheFile) {
  const auto lines = history_lines(fixture::golden());
  const auto back = parse_history(history_text(lines));
  ASSERT_TRUE(back.has_value()) << base::to_text(back.error());
  EXPECT_EQ(history_text(*back), history_text(lines));
  int plain = 0;
  for (const HistoryLine& line : lines) {
    if (line.metric != "throughput_requests_per_second") continue;
    plain += line.anchor.empty() ? 1 : 0;
    EXPECT_EQ(line.n, 8);
    EXPECT_TRUE(line.standard_error.has_value());
    if (line.cell == fixture::id_of("pool")) {
      EXPECT_NEAR(line.log_value, std::log(5.2929), 1e-4);
    }
  }
  EXPECT_EQ(plain, 1);  // the anchor's own
}

TEST(HistoryTest, HoldsTheQuantilesThatACellHasAnEstimateOf) {
  const std::string file = "/harness/report/testdata/report-1.2.json";
  const auto lines = history_lines(report::read_report(POOLBENCH_SOURCE_DIR + file).value());
  const auto holds = [&](const char* variant, const char* metric) {
    return std::ranges::any_of(lines, [&](const HistoryLine& line) {
      return line.cell == fixture::id_of(variant) && line.metric == metric;
    });
  };
  for (const char* metric : {"latency_p75_us", "latency_p90_us", "latency_p95_us"}) {
    EXPECT_TRUE(holds("pool", metric) && holds("misspelt", metric)) << metric;
  }
  EXPECT_TRUE(holds("pool", "latency_p99_us"));
  EXPECT_FALSE(holds("misspelt", "latency_p99_us")) << "its p99 is pooled";
  EXPECT_FALSE(holds("pool", "latency_p999_us"));
}

TEST(HistoryTest, EqualConditionsHaveEqualKeys) {
  const auto key = [](const report::Report& report) {
    return history_lines(report).front().conditions;
  };
  report::Report moved = fixture::golden(), slower = moved;
  moved.environment.postgres->settings["port"] = "1";
  (*moved.environment.target->versions)["django"] = "6.0";
  slower.environment.postgres->settings["fsync"] = "off";
  EXPECT_EQ(key(moved), key(fixture::golden()));
  EXPECT_NE(key(slower), key(fixture::golden()));
}

TEST(HistoryTest, NamesTheLineThatIsWrong) {
  const auto lines = history_lines(fixture::golden());
  EXPECT_THAT(parse_history(history_text(lines) + "{\"report_id\": 1}\n").error().message,
              HasSubstr("line " + std::to_string(lines.size() + 1) + ": "));
  EXPECT_FALSE(parse_history("nonsense").has_value());
  EXPECT_THAT(parse_history("\n\n").value(), IsEmpty());
}

TEST(HistoryTest, ReadsTheLinesOfAStudy) {
  base::Json study = {{"report_id", "r"}, {"history", base::Json::array()}};
  for (const auto& line : history_lines(fixture::golden()))
    study["history"].push_back(to_json(line));
  EXPECT_EQ(parse_history(study.dump()).value().size(), history_lines(fixture::golden()).size());
}

TEST(RenderHistoryTest, ShowsTrendAndChanges) {
  const auto found = trends(nights({{20, 5.0}, {10, 4.5}}), {}, {});
  EXPECT_THAT(to_text(found, {false, 120}),
              AllOf(HasSubstr("variant=pool"), HasSubstr("█"), HasSubstr("confirmed"),
                    HasSubstr("since night-1020"), HasSubstr("-10")));
  const base::Json json = to_json(found);
  EXPECT_EQ(json["trends"][0]["sessions"].size(), 30U);
  EXPECT_EQ(json["trends"][0]["changes"][0]["state"], "confirmed");
  EXPECT_EQ(to_text(std::vector<Trend>{}, {false, 80}), "no run with a good cell\n");
}

}  // namespace
}  // namespace poolbench::compare
