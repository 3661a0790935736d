#include <fstream>

#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

/// How many trials a run has, and why it stopped.
class DesignTest : public E2eTest {
 protected:
  /// Two cells, one three times as fast as the other.
  static ToyBench two_speeds(const std::string& design) {
    ToyBench bench;
    bench.blocks = 0;
    bench.design = design;
    bench.measure = "150ms";
    bench.more = quick_and_slow("target.params.answer_delay_ms = 6") +
                 "[[compare]]\nname = \"delay\"\nbaseline = { variant = \"quick\" }\n"
                 "candidate = { variant = \"slow\" }\n";
    return bench;
  }
};

TEST_F(DesignTest, PilotsFindTheWarmUpWhereTheScenarioSetsNone) {
  ToyBench bench;
  bench.warmup = "";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.err(), AllOf(HasSubstr("[1/2] pilot  all"), HasSubstr("by the pilots")));
  const base::Json report = this->report();
  const base::Json& design = report.at("design");
  ASSERT_EQ(design.at("pilots").size(), 1U);
  EXPECT_EQ(design.at("pilots").at(0).at("series").at("requests").size(), 100U);
  EXPECT_TRUE(design.at("warmup_seconds").is_null());
  const double warmup = design.at("pilot_warmup_seconds").get<double>();
  EXPECT_GE(warmup, 0.5);
  const base::Json& trial = report.at("cells").at(0).at("trials").at(0);
  const base::Json& warm_up = trial.at("phases").at(3);
  EXPECT_EQ(warm_up.at("name"), "warm-up");
  EXPECT_NEAR(warm_up.at("seconds").get<double>(), warmup, 0.3);
  EXPECT_THAT(statuses(report), ElementsAre("ok"));
  EXPECT_THAT(program.out(), HasSubstr("(by pilots)"));
}

TEST_F(DesignTest, PrecisionStopsAtTheFirstTenBlocksWhenTheyAreEnough) {
  Program program = run(two_speeds("precision = \"40%\""));
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json report = this->report();
  const base::Json& design = report.at("design");
  EXPECT_EQ(design.at("stopped"), "precision") << design;
  EXPECT_EQ(design.at("blocks_completed"), 10);
  EXPECT_LE(design.at("half_width_ratio"), 0.4);
  EXPECT_THAT(program.err(), HasSubstr("up to 24 blocks"));
}

TEST_F(DesignTest, PrecisionThatIsNotReachedStopsAtTheMostBlocks) {
  Program program = run(two_speeds("precision = \"0.1%\"\nmax_blocks = 11"));
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json report = this->report();
  const base::Json& design = report.at("design");
  EXPECT_EQ(design.at("stopped"), "max_blocks") << design;
  EXPECT_EQ(design.at("blocks_planned"), 11);
  EXPECT_EQ(design.at("blocks_completed"), 11);
  EXPECT_THAT(program.err(), HasSubstr("block 11/11"));
}

TEST_F(DesignTest, MaxTimeLeavesOutWhatWouldNotEndInTime) {
  ToyBench bench;
  bench.blocks = 40;
  bench.measure = "500ms";
  bench.more = quick_and_slow("target.params.answer_delay_ms = 6");
  Program program = run(bench, {"--max-time", "15s"});
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_EQ(report.at("outcome"), "out_of_time");
  EXPECT_EQ(report.at("design").at("stopped"), "max_time");
  EXPECT_EQ(report.at("design").at("max_time_seconds"), 15);
  EXPECT_LT(report.at("design").at("blocks_completed"), 40);
  EXPECT_THAT(program.out(), AllOf(HasSubstr("of 40 blocks"), HasSubstr("out of time"),
                                   HasSubstr("more trials were planned and are left out")));
}

TEST_F(DesignTest, TooLittleTimeForAnythingIsAFailure) {
  Program program = run(ToyBench{}, {"--max-time", "10ms"});
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  EXPECT_THAT(statuses(report()), testing::IsEmpty());
  EXPECT_THAT(program.err(), HasSubstr("the time is up (--max-time 10ms)"));
}

TEST_F(DesignTest, PlanTellsTheTimeAndTheSmallestChangeThatCouldBeFound) {
  const auto scenario = write_toy_bench(folder_, two_speeds("precision = \"2%\""));
  Program plan(folder_, {"plan", scenario.string(), "--out", results().string()});
  EXPECT_EQ(plan.wait(), exited(0)) << plan.err();
  EXPECT_THAT(plan.out(),
              AllOf(HasSubstr("20 trials, about"), HasSubstr("at most 48, about"),
                    HasSubstr("until every interval is within ±2 %"),
                    HasSubstr("What the machine disturbs runs again, at most 2 times:"),
                    HasSubstr("delay, variant=quick → variant=slow, requests/s: ×1.05 or more"),
                    HasSubstr("assumed: no earlier run tells")));
}

/// `poolbench diff --rerun`: two checkouts of one application.
class RerunTest : public E2eTest {
 protected:
  std::filesystem::path checkout(const std::string& name, int work_ms) const {
    ToyBench bench;
    bench.work_ms = work_ms;
    bench.measure = "200ms";
    bench.more = quick_and_slow("target.params.answer_delay_ms = 4");
    std::filesystem::create_directories(folder_ / name);
    write_toy_bench(folder_ / name, bench);
    return folder_ / name;
  }

  Program rerun(const std::filesystem::path& base, const std::filesystem::path& head,
                const std::vector<std::string>& options = {}) const {
    std::vector<std::string> arguments{"diff",      "--rerun",         base.string(), head.string(),
                                       "toys.toml", "--blocks",        "6",           "--verbose",
                                       "--out",     results().string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return start(arguments);
  }
};

TEST_F(RerunTest, GoesRedWhenTheHeadIsSlowerAndPairsByBlock) {
  Program program = rerun(checkout("before", 0), checkout("after", 3));
  EXPECT_EQ(program.wait(), exited(1)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.out(), AllOf(HasSubstr("one run, 6 blocks, cells paired by block"),
                                   HasSubstr("variant=quick"), HasSubstr("✗ regressed")));
  const base::Json report = this->report();
  ASSERT_EQ(report.at("cells").size(), 4U);
  EXPECT_EQ(report.at("cells").at(0).at("id"), "side=base,variant=quick");
  EXPECT_EQ(report.at("cells").at(3).at("factors").at("side"), "head");
  EXPECT_EQ(report.at("environment").at("targets").size(), 2U);
}

TEST_F(RerunTest, FindsNothingBetweenACheckoutAndItself) {
  const auto same = checkout("same", 1);
  Program program = rerun(same, same, {"--only", "variant=slow"});
  EXPECT_EQ(program.wait(), exited(0)) << program.out();
  EXPECT_THAT(program.out(), testing::Not(HasSubstr("variant=quick")));
}

TEST_F(RerunTest, ConfirmRunsWhatChangedAgainInFreshBlocks) {
  Program program = rerun(checkout("before", 0), checkout("after", 3),
                          {"--only", "variant=quick", "--confirm", "--format", "json"});
  EXPECT_EQ(program.wait(), exited(1)) << program.err();
  const auto diff = base::Json::parse(program.out());
  EXPECT_EQ(diff.at("same_run"), true);
  EXPECT_EQ(diff.at("rows").at(0).at("verdict"), "regressed");
  EXPECT_THAT(diff.at("rows").at(0).at("reason").get<std::string>(),
              AllOf(HasSubstr("confirmed: "), HasSubstr("in 10 fresh blocks")));
}

TEST_F(RerunTest, AMistakeOfTheCommandLineIsToldOnceForBothSides) {
  Program program = rerun(checkout("before", 0), checkout("after", 0), {"--set", "load.nothing=1"});
  EXPECT_EQ(program.wait(), exited(2));
  const std::string text = program.err();
  const std::size_t first = text.find("nothing=1");
  EXPECT_NE(first, std::string::npos) << text;
  EXPECT_EQ(text.find("poolbench: error"), text.rfind("poolbench: error")) << text;
}

TEST_F(RerunTest, ARunThatFailsIsToldOnce) {
  std::ofstream(results()) << "a file, not a folder";
  Program program = rerun(checkout("before", 0), checkout("after", 0));
  EXPECT_EQ(program.wait(), exited(3));
  const std::string text = program.err();
  EXPECT_EQ(text.find("cannot make"), text.rfind("cannot make")) << text;
}

TEST_F(RerunTest, MistakesOfEitherSideStartNothing) {
  Program program = rerun(checkout("before", 0), folder_ / "nowhere");
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), HasSubstr("nowhere/toys.toml"));
  EXPECT_FALSE(std::filesystem::exists(results()));
}

}  // namespace
}  // namespace poolbench::e2e
