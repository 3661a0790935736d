// Where a request's time goes: what is added to one part of it is found in that part.
#include <fmt/format.h>

#include <fstream>

#include "e2e/fixture.h"
#include "process/launch.h"

namespace poolbench::e2e {
namespace {

// In these texts @name@ is filled in.
constexpr const char* kDividedTarget = R"(
schema = 2
name = "divided"
default_endpoint = "work"
params.threads = { type = "integer", default = 2, argument = ["--threads", "{value}"] }
params.pool = { type = "integer", default = 4, argument = ["--pool", "{value}"] }
params.query_ms = { type = "integer", default = 2, argument = ["--query-ms", "{value}"] }
params.burn_ms = { type = "integer", default = 0, argument = ["--burn-ms", "{value}"] }
serve.command = ["@program@", "--port", "{port}", "{arguments}"]
endpoint.work = { path = "/work", expect = { body = "hello" } }
[[budget.serves_at_once]]
params = ["threads"]
[budget.connection_wait]
metric = "waited"
none_when = { pool = 0 }
[[metric]]
name = "waited"
unit = "us"
kind = "counter"
per = "request"
http_json = "/pool-stats"
pointer = "/waited_us"
)";

constexpr const char* kPartsScenario = R"(
schema = 1
name = "parts"
target.use = "./divided"
postgres.statements = true
load = { connections = 6, keep_alive = false, warmup = "500ms", measure = "2s" }
design = { blocks = @blocks@, seed = 3 }
[variant.without]
@without@
[variant.with]
@with@
[matrix]
variant = ["without", "with"]
[[compare]]
name = "what is added"
baseline = { variant = "without" }
candidate = { variant = "with" }
)";

std::string filled(std::string text, const std::string& name, const std::string& value) {
  const std::string place = "@" + name + "@";
  const auto at = text.find(place);
  return at == std::string::npos ? text : text.replace(at, place.size(), value);
}

/// Two cells, of which the second has something more.
class InjectionTest : public E2eTest {
 protected:
  struct Added {
    std::string with, without;  ///< settings of the two cells
    int blocks = 1;
  };
  Program run_with(const Added& added) {
    fs::create_directories(folder_ / "divided");
    std::ofstream(folder_ / "divided" / "target.toml")
        << filled(kDividedTarget, "program", POOLBENCH_TOY_SERVER);
    fs::create_directories(folder_ / "services");
    fs::create_directory_symlink(fs::path(POOLBENCH_SOURCE_DIR) / "scenarios/services/delay",
                                 folder_ / "services" / "delay");
    std::string scenario = filled(kPartsScenario, "with", added.with);
    scenario = filled(scenario, "without", added.without);
    std::ofstream(folder_ / "parts.toml")
        << filled(scenario, "blocks", std::to_string(added.blocks));
    return run(folder_ / "parts.toml");
  }
  static base::Json budget(const base::Json& report, std::size_t cell) {
    for (const base::Json& trial : report.at("cells").at(cell).at("trials")) {
      if (trial.at("status") == "ok") return trial.at("budget");
    }
    ADD_FAILURE() << "no good trial in " << report.at("cells").at(cell);
    return {};
  }
  /// By how much a member of the budget has grown, in milliseconds.
  [[nodiscard]] double growth(const char* member) const {
    const base::Json report = this->report();
    return (budget(report, 1).at(member).get<double>() -
            budget(report, 0).at(member).get<double>()) /
           1000;
  }
  /// The part has grown by so much, within a tenth, and what is unexplained hardly has. (On a busy
  /// machine waiting for a processor may grow as well.)
  void expect_added(const char* part, double milliseconds) const {
    const base::Json without = budget(report(), 0), with = budget(report(), 1);
    EXPECT_NEAR(growth(part), milliseconds, milliseconds / 10) << without << with;
    EXPECT_NEAR(growth("unexplained_us"), 0, milliseconds / 5) << without << with;
    EXPECT_GT(milliseconds, without.at("total_us").get<double>() / 1000)
        << "at least as long as the request itself";
  }
};

TEST_F(InjectionTest, ALongerQueryIsAQuery) {
  Program program = run_with({.with = "target.params.query_ms = 22", .without = ""});
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  expect_added("query_us", 20);
}

TEST_F(InjectionTest, BurntTimeIsTheApplications) {
  Program program = run_with({.with = "target.params.burn_ms = 20", .without = ""});
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  expect_added("application_cpu_us", 20);
}

TEST_F(InjectionTest, AFartherServerIsInTheRoundTrips) {
  if (process::find_program("go").empty()) GTEST_SKIP() << "go is not installed";
  const std::string path = "postgres.via = \"delay\"\nservice.delay.params.round_trip_ms = ";
  Program program = run_with({.with = path + "20", .without = path + "0"});
  ASSERT_EQ(program.wait(std::chrono::seconds(600)), exited(0)) << program.err();
  expect_added("round_trip_us", 20);
}

// Four at once, of which one works for 30 ms: each waits for the three others. The target is asked
// for its counter when the last requests have ended: they must be few among all.
TEST_F(InjectionTest, APoolOfOneIsWaitedFor) {
  const std::string settings =
      "target.params.threads = 4\ntarget.params.query_ms = 30\nload.measure = \"6s\"\n";
  Program program = run_with({.with = settings + "target.params.pool = 1", .without = settings});
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  expect_added("connection_wait_us", 90);
}

// PostgreSQL lets each session wait for a second once it has logged in. In so few requests the
// whole is not known to a tenth.
TEST_F(InjectionTest, ASlowLogInIsConnecting) {
  const std::string settings = "target.params.pool = 0\nload.measure = \"10s\"\n";
  Program program = run_with(
      {.with = settings + "postgres.settings = { post_auth_delay = 1 }", .without = settings});
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  EXPECT_NEAR(growth("connect_us"), 1000, 100) << budget(report(), 1);
  EXPECT_NEAR(growth("query_us"), 0, 20) << budget(report(), 1);
}

TEST_F(InjectionTest, TheComparisonSaysWhatItIs) {
  Program program = run_with({.with = "target.params.query_ms = 22", .without = "", .blocks = 6});
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json report = this->report();
  const base::Json& comparison = report.at("comparisons").at(0);
  EXPECT_THAT(comparison.at("explanation").at("text").get<std::string>(),
              AllOf(HasSubstr("more of a worker's time per request"), HasSubstr("ms queries")))
      << comparison;
  EXPECT_THAT(program.out(), AllOf(HasSubstr("Where a request's time goes"),
                                   HasSubstr("more of a worker's time per request")));
  Program verify(folder_, {"verify", report_file().string()});
  EXPECT_EQ(verify.wait(), exited(0)) << verify.out() << verify.err();
}

}  // namespace
}  // namespace poolbench::e2e
