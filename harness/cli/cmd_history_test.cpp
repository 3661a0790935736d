#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "cli/command_fixture.h"
#include "cli/commands.h"
#include "report/report.h"

namespace poolbench::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Twelve nights of the golden report, whose runs differ a little, in a folder of runs.
class HistoryCommandTest : public CommandTest {
 protected:
  HistoryCommandTest() : CommandTest({add_history_command, add_diff_command}) {
    const auto golden = report::read_report(std::string(POOLBENCH_SOURCE_DIR) +
                                            "/harness/report/testdata/report-1.0.json")
                            .value();
    for (int night = 0; night < 12; ++night) {
      auto report = golden;
      report.cells.resize(2);
      report.report_id = fmt::format("night-{:02}", night);
      report.started_at = fmt::format("2025-07-{:02}T00:00:00.000Z", night + 1);
      scale(report.cells[1], 1 + 0.004 * (night * 5 % 7 - 3));
      write(report, fmt::format("night-{:02}", night));
      if (night == 11) {
        report.report_id = "slower";
        scale(report.cells[1], 0.95);
        write(report, "slower");
      }
    }
  }
  static void scale(report::CellReport& cell, double factor) {
    for (auto& trial : cell.trials) trial.measurement->throughput_requests_per_second *= factor;
    report::summarise(cell);
  }
  void write(const report::Report& report, const std::string& run) const {
    std::filesystem::create_directory(folder_ / run);
    EXPECT_TRUE(report::write_report(report, folder_ / run / "report.json"));
  }
};

TEST_F(HistoryCommandTest, NamesTheNearestMetric) {
  EXPECT_EQ(run("history " + folder_.string() + " --metric latency_p50"), console::kBadUsage);
  EXPECT_THAT(errors_, HasSubstr("did you mean latency_p50_us?"));
}

TEST_F(HistoryCommandTest, ShowsTrendsAndRebuildsTheFile) {
  EXPECT_EQ(run("history " + folder_.string()), console::kDone) << errors_;
  EXPECT_THAT(output_, AllOf(HasSubstr("variant=pool,workers=2"), HasSubstr("no change of level")));
  const std::string first = base::read_file(folder_ / "history.jsonl").value();
  std::filesystem::remove(folder_ / "history.jsonl");
  EXPECT_EQ(run("history " + folder_.string() + " --json --metric latency_p50_us"), console::kDone);
  EXPECT_THAT(output_, AllOf(HasSubstr("\"trends\""), HasSubstr("latency_p50_us"),
                             Not(HasSubstr("throughput_requests_per_second"))));
  EXPECT_EQ(base::read_file(folder_ / "history.jsonl").value(), first);
}

TEST_F(HistoryCommandTest, DiffDecidesMoreOnceThereIsHistory) {
  const std::string both =
      fmt::format("diff {0}/night-11 {0}/slower --format json", folder_.string());
  EXPECT_EQ(run(both), console::kDone);
  EXPECT_THAT(output_, AllOf(HasSubstr("\"session_spread_source\": \"default\""),
                             Not(HasSubstr("\"regressed\""))));
  EXPECT_EQ(run("history " + folder_.string()), console::kDone);
  EXPECT_EQ(run(both), console::kRegression) << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("\"session_spread_source\": \"history\""),
                             HasSubstr("\"session_spread_sessions\": 11")));
}

TEST_F(HistoryCommandTest, LeavesOutWhatIsNoReportAndSaysSo) {
  std::filesystem::create_directory(folder_ / "broken");
  ASSERT_TRUE(base::write_file_atomically(folder_ / "broken" / "report.json", "{"));
  EXPECT_EQ(run("history " + folder_.string()), console::kDone);
  EXPECT_THAT(errors_, AllOf(HasSubstr("left out"), HasSubstr("broken/report.json")));
  EXPECT_THAT(output_, HasSubstr("variant=pool"));
}

TEST_F(HistoryCommandTest, RefusesBadUsage) {
  EXPECT_EQ(run("history /nowhere"), console::kBadUsage);
  EXPECT_EQ(run("history " + folder_.string() + " --metric speed"), console::kBadUsage);
  EXPECT_EQ(run("history " + folder_.string() + " --acknowledged /nowhere"), console::kBadUsage);
  ASSERT_TRUE(base::write_file_atomically(folder_ / "history.jsonl", "nonsense\n"));
  EXPECT_EQ(run(fmt::format("diff {0}/night-01 {0}/night-02", folder_.string())),
            console::kBadUsage);
  EXPECT_THAT(errors_, AllOf(HasSubstr("history.jsonl"), HasSubstr("rebuild it")));
}

}  // namespace
}  // namespace poolbench::cli
