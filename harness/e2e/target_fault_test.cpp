#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

class TargetFaultTest : public E2eTest {
 protected:
  static ToyBench with_fault(const std::string& fault) {
    ToyBench bench;
    bench.params = "fault = \"" + fault + "\"";
    return bench;
  }

  /// Runs a bench whose only cell must fail with these words, on stderr and in the report.
  void expect_failed_cell(const ToyBench& bench, const testing::Matcher<std::string>& words) const {
    Program program = run(bench);
    EXPECT_EQ(program.wait(), exited(3));
    expect_nothing_left(program);
    EXPECT_THAT(program.err(), words);
    const base::Json report = this->report();
    EXPECT_EQ(report.at("outcome"), "completed");
    const base::Json& cell = report.at("cells").at(0);
    EXPECT_EQ(cell.at("status"), "failed");
    EXPECT_THAT(cell.at("error").get<std::string>(), words);
    EXPECT_THAT(cell.at("summary"), IsEmpty());
    EXPECT_EQ(cell.at("trials").at(0).at("status"), "failed");
    EXPECT_THAT(reasons(cell.at("trials").at(0)), testing::Not("[]"));
  }
  /// Runs a bench whose only trial is good but leaves a warning.
  void expect_warning(const ToyBench& bench, const testing::Matcher<std::string>& words) const {
    Program program = run(bench);
    EXPECT_EQ(program.wait(), exited(0)) << program.err();
    expect_nothing_left(program);
    EXPECT_THAT(program.out(), words);
    const base::Json trial = report().at("cells").at(0).at("trials").at(0);
    EXPECT_EQ(trial.at("status"), "ok");
    EXPECT_THAT(trial.at("warnings").dump(), words);
  }
};

TEST_F(TargetFaultTest, TargetThatDiesAtStartIsNamedWithItsLastWords) {
  expect_failed_cell(with_fault("die-at-start"),
                     AllOf(HasSubstr("target ended (exit status 3)"),
                           HasSubstr("before it was ready"), HasSubstr("the till is locked")));
}

TEST_F(TargetFaultTest, TargetThatNeverListensIsGivenUp) {
  ToyBench bench = with_fault("hang-at-start");
  bench.ready_timeout = "1s";
  expect_failed_cell(bench, AllOf(HasSubstr("not ready within"), HasSubstr("waiting for the key")));
}

TEST_F(TargetFaultTest, TargetThatIgnoresItsStopSignalIsKilledAndWarnedOf) {
  ToyBench bench = with_fault("ignore-term");
  bench.stop_grace = "200ms";
  expect_warning(bench, HasSubstr("target did not stop within 200ms of SIGTERM and was killed"));
}

TEST_F(TargetFaultTest, TargetThatDiesUnderLoadIsNamedWithItsLastWords) {
  ToyBench bench = with_fault("die-under-load");
  bench.measure = "10s";
  expect_failed_cell(bench, AllOf(HasSubstr("target ended (exit status 7)"),
                                  HasSubstr("under load"), HasSubstr("the till is on fire")));
}

TEST_F(TargetFaultTest, TargetThatFloodsItsLogIsStopped) {
  ToyBench bench = with_fault("flood-log");
  bench.measure = "20s";
  expect_failed_cell(bench, AllOf(HasSubstr("the target floods its log"),
                                  HasSubstr("toy: debug: nothing happened")));
}

TEST_F(TargetFaultTest, ProcessThatForkedAwayIsEndedAndWarnedOf) {
  expect_warning(with_fault("fork-away"), HasSubstr("left 1 process behind"));
}

TEST_F(TargetFaultTest, WhoAnswersForTheTargetIsNotCountedAsTheTarget) {
  Program program = run(with_fault("serve-elsewhere"));
  program.wait();
  expect_nothing_left(program);
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_TRUE(trial.at("cpu_seconds").at("target").is_null());
  EXPECT_TRUE(trial.at("peak_rss_bytes").at("target").is_null());
  for (const char* quantity : {"cpu_seconds.target", "peak_rss_bytes.target"}) {
    EXPECT_THAT(trial.at("missing").at(quantity).get<std::string>(),
                HasSubstr("is run by somebody else"));
  }
  EXPECT_FALSE(trial.at("cpu_seconds").at("generator").is_null());
  EXPECT_THAT(program.out(), HasSubstr("CPU time and memory are not known"));
}

TEST_F(TargetFaultTest, WrongAnswerIsShownBesideTheRightOne) {
  expect_failed_cell(with_fault("wrong-answer"), HasSubstr("the body is goodbye instead of hello"));
}

TEST_F(TargetFaultTest, ErrorsUnderLoadFailTheCellWithTheApplicationsOwnWords) {
  const ToyBench bench = with_fault("errors-under-load");
  expect_failed_cell(bench,
                     AllOf(HasSubstr("status_5xx"), HasSubstr("TillError: the till is empty")));
}

TEST_F(TargetFaultTest, FailedCellHasNoRateInTheSummary) {
  Program program = run(with_fault("errors-under-load"));
  EXPECT_EQ(program.wait(), exited(3));
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_GT(trial.at("requests").at("errors").at("status_5xx"), 0);
  EXPECT_THAT(program.out(), AllOf(HasSubstr("failed"), HasSubstr("TillError: the till is empty"),
                                   testing::Not(testing::ContainsRegex("[0-9] +[0-9]+ trial"))));
}

TEST_F(TargetFaultTest, OneFailingCellDoesNotStopTheOthers) {
  ToyBench bench;
  bench.more = quick_and_slow("target.params.fault = \"die-at-start\"");
  bench.blocks = 2;
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3));
  const base::Json report = this->report();
  EXPECT_EQ(report.at("cells").at(0).at("status"), "ok");
  EXPECT_EQ(report.at("cells").at(1).at("status"), "failed");
  EXPECT_EQ(report.at("design").at("blocks_completed"), 2);
}

TEST_F(TargetFaultTest, MissingProgramIsNamed) {
  ToyBench bench;
  bench.program = "./no-such-server";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3));
  expect_nothing_left(program);
  EXPECT_THAT(program.err(), HasSubstr("no-such-server does not exist or is not executable"));
  EXPECT_THAT(report().at("cells").at(0).at("error").get<std::string>(),
              HasSubstr("no-such-server"));
}

TEST_F(TargetFaultTest, FailingPreparationEndsTheRunWithItsWords) {
  ToyBench bench;
  bench.prepare = R"(["sh", "-c", "echo there are no wheels today >&2; exit 9"])";
  const auto scenario = write_toy_bench(folder_, bench);
  Program program = run(scenario, {}, {{"POOLBENCH_CACHE", (folder_ / "cache").string()}});
  EXPECT_EQ(program.wait(), exited(3));
  expect_nothing_left(program);
  EXPECT_THAT(program.err(), AllOf(HasSubstr("preparation of target toy failed (exit status 9)"),
                                   HasSubstr("there are no wheels today")));
  const base::Json report = this->report();
  EXPECT_EQ(report.at("outcome"), "failed");
  EXPECT_THAT(report.at("environment").at("failure").get<std::string>(),
              HasSubstr("there are no wheels today"));
}

}  // namespace
}  // namespace poolbench::e2e
