// Every load generator that is installed, for real: the same faults, judged as the native one
// judges them. Those that poolbench's own CI installs must be there; others are skipped with the
// reason.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/file.h"
#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

struct Tool {
  const char* name;
  bool counts;       ///< sends a given number of requests
  bool sees_bodies;  ///< notices one that is cut short
  friend std::ostream& operator<<(std::ostream& stream, const Tool& tool) {
    return stream << tool.name;
  }
};

constexpr std::array kTools{Tool{"oha", true, true},   Tool{"wrk", false, true},
                            Tool{"ab", true, true},    Tool{"hey", true, false},
                            Tool{"k6", true, true},    Tool{"vegeta", false, true},
                            Tool{"h2load", true, true}};
constexpr std::array<std::string_view, 4> kOfCi{"oha", "wrk", "ab", "hey"};

class GeneratorsTest : public E2eTest, public testing::WithParamInterface<Tool> {
 protected:
  void SetUp() override {
    Program list(folder_, {"list", "generators"});
    ASSERT_EQ(list.wait(), exited(0)) << list.err();
    const std::string out = "\n" + list.out();
    const auto at = out.find(std::string("\n") + GetParam().name + " ");
    ASSERT_NE(at, std::string::npos) << out;
    const std::string line = out.substr(at + 1, out.find('\n', at + 1) - at - 1);
    if (line.find("not installed") == std::string::npos) return;
    const bool must = std::ranges::find(kOfCi, GetParam().name) != kOfCi.end();
    if (must && std::getenv("CI") != nullptr) FAIL() << line;
    GTEST_SKIP() << line;
  }

  /// Runs the tool; the only trial of the report.
  base::Json trial_with(const std::string& fault, const std::string& load, int exit_code) {
    ToyBench bench;
    bench.params = "fault = \"" + fault + "\"";
    bench.warmup = "0s";
    bench.measure = "1s";
    Program program = run(bench, {"--set", std::string("load.generator=") + GetParam().name,
                                  "--set", "load.timeout=2s", "--set", load});
    EXPECT_EQ(program.wait(), exited(exit_code)) << program.err();
    expect_nothing_left(program);
    return report().at("cells").at(0).at("trials").at(0);
  }

  /// The tool's own words, kept beside the report.
  [[nodiscard]] fs::path kept() const {
    for (const auto& entry : fs::recursive_directory_iterator(report_file().parent_path())) {
      if (entry.path().filename() == "generator.out") return entry.path();
    }
    return {};
  }
};

TEST_P(GeneratorsTest, MeasuresAndLeavesItsOwnWordsAndWhatTheyMean) {
  const base::Json trial = trial_with("none", "load.connections=2", 0);
  EXPECT_EQ(trial.at("status"), "ok") << reasons(trial);
  EXPECT_EQ(trial.at("generator").at("name"), GetParam().name);
  EXPECT_NE(trial.at("generator").at("version"), "");
  EXPECT_GT(trial.at("requests").at("ok"), 100);
  EXPECT_THAT(trial.at("requests").at("errors"), IsEmpty());
  EXPECT_GT(trial.at("latency_us").at("p50"), 0);
  const base::Json& tags = trial.at("details").at("tags");
  EXPECT_TRUE(tags.at("includes_connect").is_boolean());
  EXPECT_GT(tags.at("resolution_us"), 0);
  EXPECT_NE(tags.at("checks"), "");
  EXPECT_TRUE(fs::exists(kept()));
}

TEST_P(GeneratorsTest, SendsExactlyTheRequestsItIsAskedFor) {
  if (!GetParam().counts) GTEST_SKIP() << GetParam().name << " cannot count";
  const base::Json trial = trial_with("none", "load.requests=300", 0);
  EXPECT_EQ(trial.at("status"), "ok") << reasons(trial);
  EXPECT_EQ(trial.at("requests").at("sent"), 300);
  EXPECT_EQ(trial.at("requests").at("ok"), 300);
}

TEST_P(GeneratorsTest, AnInternalServerErrorIsNeverASuccess) {
  const base::Json trial = trial_with("errors-under-load", "load.connections=2", 3);
  EXPECT_NE(trial.at("status"), "ok");
  EXPECT_THAT(reasons(trial), Not("[]"));
  if (trial.at("requests").is_null()) return;  // no measurement at all: h2load may never end
  EXPECT_LE(trial.at("requests").at("ok"), 20) << trial;
  EXPECT_THAT(trial.at("requests").at("errors"), Not(IsEmpty()));
}

TEST_P(GeneratorsTest, ABodyCutShortIsNoSuccessUnlessItSaysThatItDoesNotLook) {
  const int exit_code = GetParam().sees_bodies ? 3 : 0;
  const base::Json trial = trial_with("cut-short-under-load", "load.connections=2", exit_code);
  if (GetParam().sees_bodies) {
    EXPECT_NE(trial.at("status"), "ok") << trial;
    EXPECT_THAT(reasons(trial), Not("[]"));
  } else {
    EXPECT_THAT(trial.at("details").at("tags").at("checks").get<std::string>(),
                HasSubstr("cut short is good to it"));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, GeneratorsTest, testing::ValuesIn(kTools),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

}  // namespace
}  // namespace poolbench::e2e
