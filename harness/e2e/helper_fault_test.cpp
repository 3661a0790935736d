// What poolbench starts beside the target: a helper that ends early, or otherwise than it should,
// leaves nothing that counts.
#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/file.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

class HelperFaultTest : public E2eTest {
 protected:
  static ToyBench of_three_seconds() {
    ToyBench bench;
    bench.measure = "3s";
    return bench;
  }
  /// Sends a signal to the run's generator in the middle of the measured time.
  static void signal_generator(const Program& program, const std::string& command, int signal) {
    ASSERT_TRUE(program.says("phase: measure")) << program.err();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    for (const std::string& process : program.live_processes()) {
      if (process.find(command) != std::string::npos) ::kill(std::stoi(process), signal);
    }
  }

  /// The only trial has failed with these words, and so has the run.
  void expect_nothing_counts(Program& program, const testing::Matcher<std::string>& words) const {
    EXPECT_EQ(program.wait(), exited(3)) << program.err();
    expect_nothing_left(program);
    const base::Json cell = report().at("cells").at(0);
    EXPECT_EQ(cell.at("trials").at(0).at("status"), "failed");
    EXPECT_THAT(reasons(cell.at("trials").at(0)), words);
    EXPECT_THAT(cell.at("summary"), testing::IsEmpty());
  }

  /// Puts a program of that name before all others.
  [[nodiscard]] std::map<std::string, std::string> with_program(const std::string& name,
                                                                const std::string& script) const {
    const fs::path bin = folder_ / "bin";
    fs::create_directory(bin);
    EXPECT_TRUE(base::write_file_atomically(bin / name, "#!/bin/sh\n" + script));
    fs::permissions(bin / name, fs::perms::owner_all);
    return {{"PATH", bin.string() + ":" + std::getenv("PATH")},
            {"POOLBENCH_CACHE", (folder_ / "cache").string()}};
  }
};

TEST_F(HelperFaultTest, AGeneratorThatIsEndedEarlyHasMeasuredNothing) {
  Program program = run(of_three_seconds());
  signal_generator(program, "poolbench-load", SIGTERM);
  expect_nothing_counts(
      program, AllOf(HasSubstr("the generator was ended early"), HasSubstr("exit status 130")));
}

TEST_F(HelperFaultTest, AnInterruptedToolHasMeasuredNothingAlthoughItExitsWithZero) {
  Program list(folder_, {"list", "generators"});
  ASSERT_EQ(list.wait(), exited(0)) << list.err();
  if (list.out().find("wrk      not installed") != std::string::npos) GTEST_SKIP() << list.out();
  Program program = run(of_three_seconds(), {"--set", "load.generator=wrk"});
  signal_generator(program, "wrk -c", SIGINT);
  expect_nothing_counts(program, HasSubstr("wrk ended after"));
}

TEST_F(HelperFaultTest, AToolThatCrashesWhenItIsAskedForItsVersionIsNotUsed) {
  const auto environment = with_program("wrk", "echo 'wrk 4.1.0 Will Glozer'\nkill -SEGV $$\n");
  Program program = run(write_toy_bench(folder_, {}),
                        {"--set", "load.generator=wrk", "--set", "load.measure=1s"}, environment);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  EXPECT_THAT(program.err(), HasSubstr("killed by SIGSEGV when it was asked for its version"));
}

}  // namespace
}  // namespace poolbench::e2e
