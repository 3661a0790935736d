#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"
#include "report/report.h"

namespace poolbench::cli {
namespace {

using ::testing::HasSubstr;

const std::string kGolden =
    std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/report-1.0.json";

/// The golden report with the pool's throughput multiplied, in a run's folder of its own.
class DiffCommandTest : public CommandTest {
 protected:
  DiffCommandTest() : CommandTest({add_diff_command, add_verify_command}) {
    auto report = report::read_report(kGolden).value();
    report.cells.pop_back();  // the failed one
    EXPECT_TRUE(report::write_report(report, folder_ / "base.json").has_value());
    for (auto& trial : report.cells[1].trials) {
      trial.measurement->throughput_requests_per_second *= 0.5;
    }
    report::summarise(report.cells[1]);
    std::filesystem::create_directory(folder_ / "run");
    EXPECT_TRUE(report::write_report(report, folder_ / "run" / "report.json").has_value());
  }

  std::string base() const { return (folder_ / "base.json").string(); }
  std::string head() const { return (folder_ / "run").string(); }
};

TEST_F(DiffCommandTest, WhatIsAboutRunsIsRefusedWithoutARerun) {
  for (const char* option : {"--blocks 3", "--set load.connections=3", "--seed 1", "--confirm"}) {
    EXPECT_EQ(run("diff " + base() + " " + base() + " " + option), console::kBadUsage) << option;
  }
  EXPECT_EQ(run("diff --rerun . . x.toml --anchor none"), console::kBadUsage);
}

TEST_F(DiffCommandTest, ExitsAsDesigned) {
  EXPECT_EQ(run("diff " + base() + " " + base()), console::kDone);
  EXPECT_EQ(run("diff " + base() + " " + head()), console::kRegression);
  EXPECT_EQ(run("diff " + base() + " " + head() + " --fail-on never"), console::kDone);
  EXPECT_EQ(run("diff " + base() + " " + base() + " --fail-on inconclusive"), console::kUndecided);
  EXPECT_EQ(run("diff " + base() + " " + base() + " --fail-on inconclusive --session-spread 0.1% " +
                "--margin 20%"),
            console::kDone);
  EXPECT_EQ(run("diff " + kGolden + " " + base()), console::kDone);  // the failed cell is unmatched
  EXPECT_EQ(run("diff " + kGolden + " " + kGolden),
            console::kFailure);  // and here it is incomparable
}

TEST_F(DiffCommandTest, RefusesBadUsageWithTheRightForm) {
  EXPECT_EQ(run("diff " + base()), console::kBadUsage);
  EXPECT_EQ(run("diff " + base() + " /nowhere.json"), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("/nowhere.json"));
  for (const char* margin : {"3", "0.03", "-3%", "300%", "x%", "%"}) {
    EXPECT_EQ(run("diff " + base() + " " + base() + " --margin=" + margin), console::kBadUsage)
        << margin;
    EXPECT_THAT(errors_, HasSubstr("write it as 3%"));
  }
  EXPECT_EQ(run("diff " + base() + " " + base() + " --format csv"), console::kBadUsage);
  EXPECT_EQ(run("diff " + base() + " " + base() + " --only variant=none"), console::kBadUsage);
}

TEST_F(DiffCommandTest, WritesEveryForm) {
  const std::string both = "diff " + base() + " " + head();
  for (const auto& [format, text] :
       {std::pair{"text", "✗ regressed"}, std::pair{"markdown", "| cell |"},
        std::pair{"json", "\"verdict\": \"regressed\""}, std::pair{"junit", "<failure message="},
        std::pair{"github", "::error title=poolbench%3A regressed::"}}) {
    EXPECT_EQ(run(both + " --format " + format), console::kRegression);
    EXPECT_THAT(output_, HasSubstr(text));
  }
}

TEST_F(DiffCommandTest, VerifyFindsAChangedDigit) {
  EXPECT_EQ(run("verify " + kGolden), console::kDone) << output_;
  EXPECT_THAT(output_, HasSubstr("48 trials of 6 cells"));
  std::string text = base::read_file(kGolden).value();
  const std::string place = "\"measured_seconds\": ";
  const auto digit = text.find(place) + place.size();
  text[digit] = text[digit] == '1' ? '2' : '1';
  ASSERT_TRUE(base::write_file_atomically(folder_ / "changed.json", text).has_value());
  EXPECT_EQ(run("verify " + kGolden + " " + (folder_ / "changed.json").string()),
            console::kFailure);
  EXPECT_THAT(output_, HasSubstr("content_sha256"));
  EXPECT_EQ(run("verify /nowhere.json"), console::kBadUsage);
}

TEST_F(DiffCommandTest, ARerunNeedsAScenarioAndReportsNone) {
  EXPECT_EQ(run("diff --rerun a b"), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("needs a scenario"));
  EXPECT_EQ(run("diff " + base() + " " + head() + " toys.toml"), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("no meaning without --rerun"));
  EXPECT_EQ(run("diff --confirm a b"), console::kBadUsage);
}

}  // namespace
}  // namespace poolbench::cli
