#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

class BadInputTest : public E2eTest {
 protected:
  /// The run must end with exit code 2 and these words before it has started or written anything.
  void expect_refused(Program&& program, const testing::Matcher<std::string>& words) const {
    EXPECT_EQ(program.wait(), exited(2));
    EXPECT_THAT(program.err(), words);
    EXPECT_EQ(program.out(), "");
    EXPECT_FALSE(fs::exists(results()));
    expect_nothing_left(program);
  }
};

TEST_F(BadInputTest, UnknownKeyIsRefusedWithTheNearestOne) {
  ToyBench bench;
  bench.more = "[placment]\ngenerator = \"0\"";
  expect_refused(run(bench), AllOf(HasSubstr("toys.toml:"), HasSubstr("placment"),
                                   HasSubstr("did you mean \"placement\"")));
}

TEST_F(BadInputTest, WrongTypeIsRefused) {
  expect_refused(run(ToyBench{}, {"--set", "load.connections=many"}),
                 HasSubstr("load.connections must be an integer"));
}

TEST_F(BadInputTest, DurationWithoutItsUnitIsRefused) {
  ToyBench bench;
  bench.warmup = "5";
  expect_refused(run(bench), HasSubstr("load.warmup must be a duration, found \"5\""));
}

TEST_F(BadInputTest, NoTimeAtAllIsRefused) {
  expect_refused(run(ToyBench{}, {"--max-time", "0s"}), HasSubstr("--max-time"));
}

TEST_F(BadInputTest, EmptyAxisIsRefused) {
  ToyBench bench;
  bench.more = "[matrix]\n\"load.connections\" = []";
  expect_refused(run(bench), AllOf(HasSubstr("load.connections"), HasSubstr("no value")));
}

TEST_F(BadInputTest, SelectionThatLeavesNoCellIsRefused) {
  ToyBench bench;
  bench.more = quick_and_slow("load.warmup = \"1s\"");
  expect_refused(run(bench, {"--only", "variant=quickest"}), HasSubstr("quickest"));
}

TEST_F(BadInputTest, UnknownTargetIsRefused) {
  expect_refused(run(ToyBench{}, {"--set", "target.use=boy"}), HasSubstr("unknown target \"boy\""));
}

TEST_F(BadInputTest, UnknownParameterIsRefused) {
  ToyBench bench;
  bench.params = "faults = \"none\"";
  expect_refused(run(bench), AllOf(HasSubstr("faults"), HasSubstr("did you mean \"fault\"")));
}

TEST_F(BadInputTest, PlaceholderThatNothingFillsIsRefusedInTheFileItStandsIn) {
  ToyBench bench;
  bench.program = "{prot}";
  expect_refused(run(bench),
                 AllOf(HasSubstr("serve.command: {prot} is no placeholder here"),
                       HasSubstr("did you mean {port}?"), HasSubstr("poolbench: 1 mistake in "),
                       HasSubstr("toy/target.toml; nothing was started")));
}

TEST_F(BadInputTest, NumberWhereTextIsMeantIsRefusedWithItsQuotes) {
  expect_refused(run(ToyBench{}, {"--set", "placement.generator=1"}),
                 HasSubstr("next: write --set 'placement.generator=\"1\"'"));
}

TEST_F(BadInputTest, NameTooLongForAFolderIsRefused) {
  expect_refused(run(ToyBench{}, {"--set", "name=" + std::string(101, 'x')}),
                 HasSubstr("name is 101 bytes long, more than 100"));
}

TEST_F(BadInputTest, BrokenRuleIsRefusedInTheTargetsWords) {
  ToyBench bench;
  bench.params = "fault = \"hang-at-start\"\nboot_delay_ms = 5";
  expect_refused(run(bench), AllOf(HasSubstr("a toy that never boots cannot boot late"),
                                   HasSubstr("leave boot_delay_ms out")));
}

TEST_F(BadInputTest, UnknownCommandIsRefusedWithTheNearestOne) {
  Program program(folder_, {"rnu", "scenario.toml"});
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), HasSubstr("there is no command \"rnu\"\n  next: did you mean run?"));
}

TEST_F(BadInputTest, MissingFileIsRefused) {
  expect_refused(run(folder_ / "nowhere.toml"), HasSubstr("nowhere.toml"));
}

TEST_F(BadInputTest, EveryMistakeIsToldAtOnce) {
  ToyBench bench;
  bench.warmup = "5";
  bench.params = "faults = \"none\"";
  expect_refused(run(bench), AllOf(HasSubstr("load.warmup"), HasSubstr("faults"),
                                   HasSubstr("2 mistakes"), HasSubstr("nothing was started")));
}

}  // namespace
}  // namespace poolbench::e2e
