#include <csignal>
#include <map>
#include <tuple>

#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// After SIGKILL nobody tears down; the kernel tells the services, and they need a moment.
constexpr milliseconds kAfterKill{2000};
/// An interrupted run tears down; it does not wait the 30 s that what it was doing would take.
constexpr milliseconds kTeardown{20000};

/// Settings of a second trial that make a phase last until long after the signal.
const std::map<std::string, std::string>& slow_settings() {
  static const std::map<std::string, std::string> settings{
      {"start", "target.params.boot_delay_ms = 30000"},
      {"verify", "target.params = { answer_delay_ms = 30000, quick_answers = 2 }"},
      {"warm-up", "load.warmup = \"30s\""},
      {"measure", "load.measure = \"30s\""},
      {"stop", "target.params.stop_delay_ms = 1500"}};
  return settings;
}

class SignalTest : public E2eTest,
                   public testing::WithParamInterface<std::tuple<int, std::string>> {
 protected:
  /// Starts a run of two trials, the second of which stays in the phase for long.
  Program run_into(const std::string& phase) const {
    ToyBench bench;
    bench.more = quick_and_slow(slow_settings().at(phase));
    return run(bench);
  }
};

TEST_P(SignalTest, LeavesNothingButTheReport) {
  const auto& [signal, phase] = GetParam();
  Program program = run_into(phase);
  ASSERT_TRUE(program.says("phase: " + phase + "\n", 2)) << program.err();
  const auto since = steady_clock::now();
  program.signal(signal);
  EXPECT_EQ(program.wait(), killed_by(signal)) << program.err();
  EXPECT_LT(steady_clock::now() - since, kTeardown);

  EXPECT_THAT(program.live_processes_after(signal == SIGKILL ? kAfterKill : milliseconds(0)),
              testing::IsEmpty());
  if (signal == SIGKILL) {
    EXPECT_EQ(Program(folder_, {"sweep"}).wait(), exited(0));
  }
  expect_nothing_left(program);

  EXPECT_EQ(fs::exists(report_file().replace_filename("report.html")), signal != SIGKILL);
  const base::Json report = this->report();
  EXPECT_EQ(report.at("outcome"), "interrupted");
  if (signal == SIGKILL) {
    EXPECT_THAT(statuses(report), ElementsAre("ok"));
  } else {
    EXPECT_THAT(statuses(report), ElementsAre("ok", phase == "stop" ? "ok" : "interrupted"));
  }
}

INSTANTIATE_TEST_SUITE_P(InEachPhase, SignalTest,
                         testing::Combine(testing::Values(SIGINT, SIGTERM, SIGHUP, SIGKILL),
                                          testing::Values("start", "verify", "warm-up", "measure",
                                                          "stop")),
                         [](const auto& instance) {
                           std::string phase = std::get<1>(instance.param);
                           std::erase(phase, '-');
                           return std::string(::sigabbrev_np(std::get<0>(instance.param))) + "_" +
                                  phase;
                         });

TEST_F(E2eTest, SecondInterruptKillsATargetThatTakesItsTime) {
  ToyBench bench;
  bench.measure = "30s";
  bench.params = "stop_delay_ms = 30000";
  bench.stop_grace = "30s";
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  program.signal(SIGINT);
  ASSERT_TRUE(program.says("phase: stop")) << program.err();
  const auto since = steady_clock::now();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(), killed_by(SIGINT)) << program.err();
  EXPECT_LT(steady_clock::now() - since, kTeardown);
  expect_nothing_left(program);
  EXPECT_THAT(report().dump(), HasSubstr("killed at once"));
}

TEST_F(E2eTest, InterruptWhilePostgresStartsStopsIt) {
  Program program = run(ToyBench{});
  ASSERT_TRUE(program.says("starting PostgreSQL")) << program.err();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(), killed_by(SIGINT)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_EQ(report.at("outcome"), "interrupted");
  EXPECT_THAT(statuses(report), testing::IsEmpty());
}

}  // namespace
}  // namespace poolbench::e2e
