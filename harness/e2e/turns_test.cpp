#include <csignal>

#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

/// Trials of a block that run at once and get their load in turns.
class TurnsTest : public E2eTest {
 protected:
  static ToyBench two_cells(const std::string& settings_of_slow) {
    ToyBench bench;
    bench.design = "slice = \"100ms\"";
    bench.measure = "300ms";
    bench.more = quick_and_slow(settings_of_slow) +
                 "[[compare]]\nname = \"delay\"\nbaseline = { variant = \"quick\" }\n"
                 "candidate = { variant = \"slow\" }\n";
    return bench;
  }
  static const base::Json& trial(const base::Json& report, std::size_t cell, std::size_t block) {
    return report.at("cells").at(cell).at("trials").at(block);
  }
};

TEST_F(TurnsTest, EachCellIsMeasuredInItsOwnSlicesOnly) {
  ToyBench bench = two_cells("target.params.answer_delay_ms = 6");
  bench.blocks = 2;
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.out(), HasSubstr("measure 300ms in turns of 100ms"));
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("ok", "ok", "ok", "ok")) << report.dump(1);
  for (const std::size_t block : {0U, 1U}) {
    const base::Json& quick = trial(report, 0, block);
    const base::Json& slow = trial(report, 1, block);
    EXPECT_EQ(quick.at("measured_seconds"), 0.3);
    EXPECT_EQ(slow.at("measured_seconds"), 0.3);
    EXPECT_NEAR(quick.at("phases").at(4).at("seconds").get<double>(), 0.3 * 1.375 * 2 + 0.1, 0.2)
        << "both have their turns in the time of the two";
    EXPECT_GT(quick.at("throughput_requests_per_second"),
              1.5 * slow.at("throughput_requests_per_second").get<double>());
    EXPECT_GT(quick.at("requests").at("carried_over"), 0) << "those of the leads and tails";
    EXPECT_NE(quick.at("folder"), slow.at("folder"));
    EXPECT_THAT(quick.at("missing").dump(), HasSubstr("share PostgreSQL's processes"));
    EXPECT_TRUE(quick.at("cpu_seconds").at("postgres").is_null());
  }
}

TEST_F(TurnsTest, ATargetThatDiesTakesNoOtherWithIt) {
  Program program = run(two_cells("target.params.fault = \"die-under-load\""));
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("ok", "failed"));
  EXPECT_THAT(reasons(trial(report, 1, 0)), HasSubstr("target ended"));
}

TEST_F(TurnsTest, ATargetThatDoesNotStartLeavesTheOthersTheirTurns) {
  Program program = run(two_cells("target.params.fault = \"die-at-start\""));
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(statuses(report()), ElementsAre("ok", "failed"));
}

TEST_F(TurnsTest, ATargetThatDiesWhileAnotherStartsIsBlamedItself) {
  ToyBench bench = two_cells("");
  bench.more =
      "[variant.dying]\ntarget.params.fault = \"die-soon\"\n"
      "[variant.late]\ntarget.params.boot_delay_ms = 600\n"
      "[matrix]\nvariant = [\"dying\", \"late\"]\n";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("failed", "ok")) << report.dump(1);
  EXPECT_THAT(reasons(trial(report, 0, 0)), HasSubstr("the till fell over"));
}

TEST_F(TurnsTest, ATargetThatFloodsItsLogIsStoppedAtOnce) {
  ToyBench bench = two_cells("target.params.fault = \"flood-log\"");
  bench.measure = "2s";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("ok", "failed"));
  EXPECT_THAT(reasons(trial(report, 1, 0)), HasSubstr("floods its log"));
  const base::Json& phases = trial(report, 1, 0).at("phases");
  EXPECT_LT(phases.at(4).at("seconds"), 2.5) << "half of the others' time: " << phases.dump();
}

TEST_F(TurnsTest, AnInterruptEndsAllOfThem) {
  ToyBench bench = two_cells("target.params.answer_delay_ms = 6");
  bench.measure = "30s";
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure\n", 2)) << program.err();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(), killed_by(SIGINT)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(statuses(report()), ElementsAre("interrupted", "interrupted"));
}

TEST_F(TurnsTest, AnswersThatTakeLongerThanALeadMakeATrialInvalid) {
  Program program = run(two_cells("target.params.answer_delay_ms = 40"));
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("ok", "invalid"));
  EXPECT_THAT(reasons(trial(report, 1, 0)),
              AllOf(HasSubstr("too long for turns of 100ms"), HasSubstr("set design.slice to")));
}

}  // namespace
}  // namespace poolbench::e2e
