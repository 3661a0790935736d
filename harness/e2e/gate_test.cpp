#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

/// Two real reports and what `poolbench diff` says of them.
class GateTest : public E2eTest {
 protected:
  /// Two cells; the second answers after so many milliseconds.
  std::filesystem::path report_with_delay(int milliseconds) {
    ToyBench bench;
    bench.blocks = 8;  // a busy machine may spoil one or two
    bench.measure = "200ms";
    bench.more = quick_and_slow("target.params.answer_delay_ms = 1") +
                 "[[compare]]\nname = \"delay\"\nbaseline = { variant = \"quick\" }\n"
                 "candidate = { variant = \"slow\" }\n";
    Program program = run(bench, {"--set", "variant.slow.target.params.answer_delay_ms=" +
                                               std::to_string(milliseconds)});
    EXPECT_EQ(program.wait(), exited(0)) << program.err();
    const auto file = folder_ / (std::to_string(++reports_) + ".json");
    std::filesystem::copy_file(report_file(), file);
    std::filesystem::remove_all(results());
    return file;
  }

  int diff(const std::filesystem::path& base, const std::filesystem::path& head,
           std::vector<std::string> options = {}) {
    std::vector<std::string> arguments{"diff", base.string(), head.string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    Program program(folder_, arguments);
    const auto ending = program.wait();
    said_ = program.out() + program.err();
    return ending.code.value_or(-1);
  }

  int reports_ = 0;
  std::string said_;
};

TEST_F(GateTest, GoesRedOnARealSlowDownAndOnNothingElse) {
  const auto base = report_with_delay(5), same = report_with_delay(5),
             slower = report_with_delay(10);
  const std::vector<std::string> gate = {"--only", "variant=slow", "--anchor",
                                         "none",   "--factor",     "target.params.answer_delay_ms"};
  EXPECT_EQ(diff(base, slower, gate), 1) << said_;
  EXPECT_THAT(said_, HasSubstr("✗ regressed"));
  EXPECT_EQ(diff(slower, base, gate), 0) << said_;
  EXPECT_THAT(said_, HasSubstr("✓ improved"));
  EXPECT_EQ(diff(base, same, gate), 0) << said_;
  EXPECT_EQ(diff(base, slower), 3) << said_;  // nobody said that the delay is what is compared
  EXPECT_THAT(said_,
              AllOf(HasSubstr("incomparable"), HasSubstr("target.params.answer_delay_ms: 5 → 10")));
  Program verify(folder_, {"verify", base.string(), slower.string()});
  EXPECT_EQ(verify.wait(), exited(0)) << verify.out();
}

TEST_F(GateTest, OneInjectedErrorMakesTheTrialInvalid) {
  ToyBench bench;
  bench.params = "fault = \"one-error\"\nanswer_delay_ms = 1";
  bench.warmup = "1ms";  // the error comes soon, and should be measured
  Program program = run(bench);
  program.wait();
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_EQ(trial.at("status"), "invalid");
  EXPECT_EQ(trial.at("requests").at("errors").at("status_5xx"), 1);
  EXPECT_THAT(reasons(trial), HasSubstr("1 status_5xx"));
}

}  // namespace
}  // namespace poolbench::e2e
