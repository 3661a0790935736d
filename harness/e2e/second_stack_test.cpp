#include <fstream>

#include "base/file.h"
#include "e2e/fixture.h"
#include "process/launch.h"

namespace poolbench::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A shipped target other than Django, by the name that its variant has, too.
struct Stack {
  const char* name;
  std::vector<const char*> toolchain;  ///< programs without which nothing can be prepared
  const char* packages;                ///< what its preparation says to install then
  std::vector<const char*> versions;   ///< members of what is recorded of it
  friend std::ostream& operator<<(std::ostream& stream, const Stack& stack) {
    return stream << stack.name;
  }
};

/// Each with a real database. The first of these tests on a machine waits for the preparation.
class SecondStackTest : public E2eTest, public testing::WithParamInterface<Stack> {
 protected:
  static constexpr std::chrono::seconds kWithPreparation{600};

  Program run_stack(const std::map<std::string, std::string>& environment = {}) {
    return run(std::filesystem::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "second-stack.toml",
               {"--only", std::string("variant=") + GetParam().name, "--blocks", "1", "--set",
                "load.connections=4", "--set", "load.warmup=100ms", "--set", "load.measure=500ms"},
               environment);
  }
  /// The one that stands for those of the only block which the machine disturbed: what is tested
  /// here is no speed.
  static base::Json counted_trial(const base::Json& cell) {
    for (const auto& trial : cell.at("trials")) {
      if (trial.at("status") != "superseded") return trial;
    }
    ADD_FAILURE() << "no trial counts in " << cell;
    return {};
  }
  static std::string missing_program() {
    for (const char* program : GetParam().toolchain) {
      if (process::find_program(program).empty()) return program;
    }
    return {};
  }
};

TEST_P(SecondStackTest, ItsPoolReusesSessionsAndWithoutItEachRequestOpensOne) {
  if (const std::string missing = missing_program(); !missing.empty()) {
    GTEST_SKIP() << "there is no " << missing << " in PATH: install " << GetParam().packages;
  }
  Program program = run_stack();
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  ASSERT_EQ(report.at("cells").size(), 3U);
  for (const auto& cell : report.at("cells")) {
    SCOPED_TRACE(cell.at("id"));
    const base::Json trial = counted_trial(cell);
    ASSERT_EQ(trial.at("status"), "ok") << trial.at("reasons");
    const auto sessions = trial.at("database").at("sessions_per_request").get<double>();
    if (cell.at("factors").contains("endpoint")) {
      EXPECT_EQ(sessions, 0);
    } else if (cell.at("factors").at("pool").get<bool>()) {
      EXPECT_LE(sessions, 0.05);
    } else {
      EXPECT_GE(sessions, 0.9);
    }
  }
  const auto& versions = report.at("environment").at("target").at("versions");
  for (const char* name : GetParam().versions) EXPECT_TRUE(versions.contains(name)) << versions;
}

TEST_P(SecondStackTest, TakesOrdersBehindALoginBesideReads) {
  if (const std::string missing = missing_program(); !missing.empty()) {
    GTEST_SKIP() << "there is no " << missing << " in PATH: install " << GetParam().packages;
  }
  const fs::path target = fs::path(POOLBENCH_SOURCE_DIR) / "scenarios/targets" / GetParam().name;
  const fs::path scenario = folder_ / "mixed.toml";
  ASSERT_TRUE(base::write_file_atomically(
      scenario, "schema = 1\nname = \"mixed\"\ndesign.blocks = 1\ntarget = { use = \"" +
                    target.string() +
                    "\", params = { pool = true } }\n[load]\nconnections = 4\nwarmup = \"100ms\"\n"
                    "measure = \"500ms\"\nmix = [{ endpoint = \"city\", weight = 9 }, { endpoint = "
                    "\"order\" }]\n"));
  Program program = run(scenario);
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  const base::Json trial = counted_trial(report().at("cells").at(0));
  ASSERT_EQ(trial.at("status"), "ok") << trial.at("reasons");
  EXPECT_GT(trial.at("endpoints").at("order").at("ok").get<int>(), 0);
  EXPECT_EQ(trial.at("statuses").at("201"), trial.at("endpoints").at("order").at("ok"));
}

/// Two cells, and the preparation of the second one's target says that a compiler is missing.
class MissingToolchainTest : public E2eTest {
 protected:
  Program run_both(const std::string& design) {
    ToyBench bench;
    bench.design = design;
    bench.more = quick_and_slow("target.use = \"./cobol\"");
    const fs::path scenario = write_toy_bench(folder_, bench);
    fs::copy(folder_ / "toy", folder_ / "cobol", fs::copy_options::recursive);
    std::ofstream(folder_ / "cobol/target.toml", std::ios::app)
        << "\n[prepare]\ncommand = [\"sh\", \"-c\", \"echo no cobc in PATH; exit 69\"]\n";
    return run(scenario);
  }
};

TEST_F(MissingToolchainTest, LeavesItsCellsOutWithTheReasonWhereTheScenarioSaysSo) {
  Program program = run_both("skip_missing_targets = true");
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  EXPECT_THAT(program.err(), HasSubstr("variant=slow is left out: target toy: no cobc in PATH"));
  expect_nothing_left(program);
  const base::Json report = this->report();
  ASSERT_EQ(report.at("cells").size(), 1U);
  EXPECT_EQ(report.at("cells").at(0).at("id"), "variant=quick");
  EXPECT_THAT(report.at("environment").at("warnings").dump(), HasSubstr("no cobc in PATH"));
}

TEST_F(MissingToolchainTest, EndsTheRunOtherwise) {
  Program program = run_both("");
  EXPECT_EQ(program.wait(), exited(3));
  EXPECT_THAT(program.err(), HasSubstr("no cobc in PATH"));
}

/// The stacks whose preparation needs more than the Python that poolbench's own tools need.
class ToolchainTest : public SecondStackTest {};

TEST_P(ToolchainTest, WithoutItPreparationSaysWhatToInstall) {
  Program program = run_stack(
      {{"POOLBENCH_CACHE", (folder_ / "cache").string()}, {"PATH", (folder_ / "empty").string()}});
  EXPECT_EQ(program.wait(), exited(3));
  EXPECT_THAT(program.err(), AllOf(HasSubstr("in PATH"), HasSubstr(GetParam().packages)));
}

const Stack kFastApi{
    "fastapi", {}, "", {"python", "fastapi", "sqlalchemy", "asyncpg", "uvicorn", "app"}};
const Stack kNode{"node", {"node", "npm"}, "nodejs and npm", {"node", "express", "pg", "app"}};
const Stack kGo{"go", {"go"}, "golang-go", {"go", "pgx", "app"}};

std::string stack_name(const testing::TestParamInfo<Stack>& stack) { return stack.param.name; }

INSTANTIATE_TEST_SUITE_P(Each, SecondStackTest, testing::Values(kFastApi, kNode, kGo), stack_name);
INSTANTIATE_TEST_SUITE_P(Each, ToolchainTest, testing::Values(kNode, kGo), stack_name);

}  // namespace
}  // namespace poolbench::e2e
