// What becomes of standard streams that are full, closed, or have lost their reader, and of text
// that must not reach a terminal as it is.
#include <fmt/format.h>

#include <fstream>

#include "base/text.h"
#include "e2e/shell.h"

namespace poolbench::e2e {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class StreamsTest : public ShellTest {
 protected:
  StreamsTest() {
    fs::copy_file(POOLBENCH_SOURCE_DIR "/harness/report/testdata/report-1.2.json",
                  folder_ / "report.json");
  }

  void expect_whole_report() const {
    const base::Json report = this->report();
    EXPECT_EQ(report.at("outcome"), "completed");
    EXPECT_THAT(statuses(report), Not(testing::IsEmpty()));
  }
};

/// Whatever a busy machine makes of its only trial.
const auto kToItsEnd = testing::AnyOf(0, 3);

class EveryVerb : public StreamsTest, public testing::WithParamInterface<const char*> {};

TEST_P(EveryVerb, NoticesThatWhatItSaysIsLost) {
  write_toy_bench(folder_, ToyBench{});
  EXPECT_EQ(bash(fmt::format("$poolbench {}", GetParam())), 0) << err_;
  EXPECT_EQ(bash(fmt::format("$poolbench {} >/dev/full", GetParam())), 3);
  EXPECT_THAT(err_, HasSubstr("cannot write to stdout: No space left on device"));
  EXPECT_EQ(bash(fmt::format("$poolbench {} >&-", GetParam())), 3);
  EXPECT_THAT(err_, HasSubstr("cannot write to stdout: Bad file descriptor"));
}

INSTANTIATE_TEST_SUITE_P(
    OfThese, EveryVerb,
    testing::Values("--version", "--help", "show report.json", "html report.json -o -",
                    "verify report.json", "diff report.json report.json --fail-on never",
                    "diff report.json report.json --fail-on never --format json", "history .",
                    "plan toys.toml", "list generators", "sweep",
                    "list targets " POOLBENCH_SOURCE_DIR "/scenarios", "load --help"),
    [](const auto& instance) {
      std::string name = instance.param;
      std::erase_if(name, [](char c) { return std::isalnum(c) == 0; });
      return name.substr(0, 20) + std::to_string(instance.index);
    });

TEST_F(StreamsTest, AReaderThatHasSeenEnoughIsNoFailure) {
  EXPECT_EQ(bash("(sleep 0.2; exec $poolbench show report.json) | true"), 0);
  EXPECT_EQ(err_, "");
  EXPECT_EQ(bash("(sleep 0.2; exec $poolbench plan missing.toml) 2>&1 | true"), 2);
}

TEST_F(StreamsTest, ARunThatLosesItsStderrWritesItsReport) {
  EXPECT_THAT(bash_run(ToyBench{}, "--verbose 2>/dev/full"), kToItsEnd);
  EXPECT_THAT(out_, HasSubstr("toys"));
  expect_whole_report();
}

TEST_F(StreamsTest, ARunWhoseReaderLeavesWritesItsReport) {
  EXPECT_THAT(bash_run(ToyBench{}, "--verbose 2>&1 | head -n 1"), kToItsEnd);
  expect_whole_report();
}

TEST_F(StreamsTest, ARunWithoutAnyStreamWritesNothingIntoOtherFiles) {
  EXPECT_EQ(bash_run(ToyBench{}, "<&- >&- 2>&-"), 3);
  expect_whole_report();
}

TEST_F(StreamsTest, BytesThatAreNoTextDoNotStopALoad) {
  for (const char* options : {"--json", ""}) {
    EXPECT_EQ(bash(fmt::format("$poolbench load http://127.0.0.1:1/ -n 1 -c 1 --method "
                               "$'G\\xff' {}",
                               options)),
              2);
    EXPECT_THAT(err_, HasSubstr("G\uFFFD"));
  }
}

TEST_F(StreamsTest, NothingOfATargetSteersTheTerminal) {
  std::ofstream(folder_ / "evil") << "#!/bin/sh\nprintf '\\033]0;mine\\007 \\377 \\302\\233 owned' "
                                     ">&2\nexit 3\n";
  fs::permissions(folder_ / "evil", fs::perms(0755));
  ToyBench bench;
  bench.program = (folder_ / "evil").string();
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3));
  for (const std::string& text : {program.err(), program.out()}) {
    EXPECT_THAT(text, HasSubstr("owned"));
    EXPECT_EQ(text, base::printable(text, true));
  }
  EXPECT_THAT(report().at("cells").at(0).at("error").get<std::string>(), HasSubstr("owned"));
}

TEST_F(StreamsTest, NothingOfAScenarioSteersTheTerminal) {
  std::ofstream(folder_ / "bad.toml") << "schema = 1\nname = \"bad\"\nsummary = \"\\u001b[31m\"\n"
                                         "[target]\nuse = \"\\u001b]0;x\\u0007\"\n";
  EXPECT_EQ(bash("$poolbench plan bad.toml; $poolbench show $'\\e[31m\\xff'"), 2);
  EXPECT_EQ(err_, base::printable(err_, true));
  EXPECT_THAT(err_, HasSubstr("unknown target"));
}

}  // namespace
}  // namespace poolbench::e2e
