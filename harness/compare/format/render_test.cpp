#include "compare/format/render.h"

#include <gmock/gmock.h>

#include "compare/golden_fixture.h"

namespace poolbench::compare {
namespace {

using fixture::cell_of;
using fixture::golden;
using fixture::scale;
using ::testing::HasSubstr;
using ::testing::Not;

/// One of each: pool regressed, no-db improved, misspelt unchanged, the rest open; a failed cell
/// and unmatched ones.
Diff example() {
  report::Report base = golden(), head = golden();
  head.report_id = "20250709-010203-django-pool-99ff";
  (*head.environment.target->versions)["django"] = "5.2.18";
  head.environment.kernel_release = "6.1.0-38-amd64";
  scale(cell_of(head, "pool"), 0.9);
  scale(cell_of(head, "no-db"), 1.25);
  report::CellReport extra = cell_of(head, "pool");
  extra.id = "variant=pool|8,workers=2";
  head.cells.push_back(extra);
  DiffOptions options;
  options.run_spread = 0.01;
  return compare_reports(base, head, options).value();
}

std::string expected(const std::string& name) {
  return base::read_file(std::string(POOLBENCH_SOURCE_DIR) + "/harness/compare/testdata/" + name)
      .value_or("");
}

TEST(RenderTest, TextIsTheGoldenText) {
  EXPECT_EQ(to_text(example(), {false, 120}), expected("diff.txt"));
}

TEST(RenderTest, MarkdownIsTheGoldenMarkdown) {
  EXPECT_EQ(to_markdown(example()), expected("diff.md"));
}

TEST(RenderTest, JunitIsTheGoldenXml) { EXPECT_EQ(to_junit(example()), expected("diff.xml")); }

TEST(RenderTest, GithubIsTheGoldenCommands) {
  EXPECT_EQ(to_github(example()), expected("diff.github"));
}

TEST(RenderTest, JsonHoldsEveryRow) {
  const base::Json json = to_json(example());
  EXPECT_EQ(json["rows"].size(), 6U);
  EXPECT_EQ(json["rows"][1]["verdict"], "regressed");
  EXPECT_EQ(json["rows"][1]["strict"], true);
  EXPECT_EQ(json["rows"][1]["base"]["n"], 8);
  EXPECT_EQ(json["only_in_head"][0], "variant=pool|8,workers=2");
  EXPECT_EQ(json["rows"][1]["session_spread_source"], "given");
  EXPECT_EQ(json["under_test"][0]["field"], "environment.target.versions.django");
}

TEST(RenderTest, BenchmarksHoldTheHeadsFigures) {
  const Diff diff = example();
  const base::Json action = to_github_action_benchmark(diff).value();
  EXPECT_EQ(action.at(1).at("name"), diff.rows[1].cell + " · requests/s");
  EXPECT_EQ(action.at(1).at("value"), *diff.rows[1].head.median);
  EXPECT_THAT(action.at(1).at("extra").get<std::string>(), HasSubstr("regressed, −10"));
  EXPECT_EQ(to_bencher(diff).at(diff.rows[1].cell).at(diff.rows[1].metric).at("value"),
            *diff.rows[1].head.median);
}

TEST(RenderTest, WhatSharesNoCellHasNoFigures) {
  report::Report base = golden(), head = golden();
  for (report::CellReport& cell : head.cells) cell.id += ",workers=3";
  const std::string text = to_text(compare_reports(base, head, {}).value(), {false, 120});
  EXPECT_THAT(text, HasSubstr("no cell to compare"));
  EXPECT_THAT(text, HasSubstr("Only in head: "));
  EXPECT_THAT(text, Not(HasSubstr("0 blocks")));
}

TEST(RenderTest, VerdictLineCountsWorstFirst) {
  Diff diff;
  EXPECT_EQ(verdict_line(diff), "no cell to compare");
  using enum report::Verdict;
  for (const report::Verdict verdict : {kNoChange, kImproved, kNoChange, kRegressed}) {
    diff.rows.emplace_back().verdict = verdict;
  }
  EXPECT_EQ(verdict_line(diff), "1 regressed, 1 improved, 2 no change");
}

TEST(RenderTest, HostileNamesStayText) {
  Diff diff = example();
  diff.scenario = "<script>&\"\033[31m";
  diff.rows[0].cell = "a]]>`|<b>\n::error::x";
  EXPECT_THAT(to_junit(diff), Not(HasSubstr("<script>")));
  EXPECT_THAT(to_junit(diff), HasSubstr("a]]&gt;`|&lt;b&gt; ::error::x"));
  EXPECT_THAT(to_markdown(diff), Not(HasSubstr("<b>")));
  EXPECT_THAT(to_markdown(diff), HasSubstr("\\|"));
  EXPECT_THAT(to_text(diff, {false, 100}), Not(HasSubstr("\033")));
  EXPECT_THAT(to_github(diff), Not(HasSubstr("\n::error::x")));
}

TEST(WordingTest, ShowsChangesWithTheirSign) {
  DiffRow row;
  EXPECT_EQ(change_text(row), "–");
  for (const auto& [ratio, text] :
       {std::pair{0.947, "−5.3"}, std::pair{1.053, "+5.3"}, std::pair{1.0, "0.0"},
        std::pair{0.99999, "0.0"}, std::pair{5.29, "+429"}}) {
    row.ratio = ratio;
    EXPECT_EQ(change_text(row), text);
  }
  row.p_adjusted = 0.0023;
  EXPECT_EQ(p_text(row), ".002");
  row.p_adjusted = 0.0001;
  EXPECT_EQ(p_text(row), "<.001");
  row.p_adjusted = 1;
  EXPECT_EQ(p_text(row), "1");
}

}  // namespace
}  // namespace poolbench::compare
