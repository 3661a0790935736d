#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>

#include "base/clock.h"
#include "e2e/fixture.h"
#include "process/interrupt.h"
#include "process/run_id.h"
#include "process/supervisor.h"
#include "service/postgres_installation.h"
#include "service/postgres_service.h"

namespace poolbench::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PostgresTest : public E2eTest {};

TEST_F(PostgresTest, FolderWithoutPostgresIsRefused) {
  fs::create_directory(folder_ / "empty");
  ToyBench bench;
  bench.postgres = fmt::format("bin_folder = \"{}\"", (folder_ / "empty").string());
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), AllOf(HasSubstr("no PostgreSQL server"), HasSubstr("/empty"),
                                   HasSubstr("correct postgres.bin_folder")));
  expect_nothing_left(program);
}

TEST_F(PostgresTest, BadSettingsAreRefusedInPostgresOwnWords) {
  const std::pair<const char*, const char*> refusals[] = {
      {"max_connexions = 50", "unrecognized configuration parameter \"max_connexions\""},
      {"max_connections = \"plenty\"",
       "invalid value for parameter \"max_connections\": \"plenty\""}};
  for (const auto& [setting, words] : refusals) {
    ToyBench bench;
    bench.postgres = fmt::format("settings = {{ {} }}", setting);
    Program program = run(bench);
    EXPECT_EQ(program.wait(), exited(2));
    EXPECT_THAT(program.err(), HasSubstr(words));
    expect_nothing_left(program);
  }
}

TEST_F(PostgresTest, DataOfCommandsWhoseInputsNobodyNamesAreNotKnown) {
  ToyBench bench;
  bench.data =
      R"([["sh", "-c", "test -n \"$1\" && test \"$1\" = \"$PGDATABASE\"", "{prepared}", "{pgdatabase}"]])";
  Program program = run(bench);
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const base::Json environment = report().at("environment");
  EXPECT_TRUE(environment.at("target").at("data_sha256").is_null());
  EXPECT_THAT(environment.at("warnings").dump(),
              HasSubstr("target toy has data.commands but no data.inputs"));
}

TEST_F(PostgresTest, KilledServerFailsItsTrialAndIsThereForTheNext) {
  ToyBench bench;
  bench.measure = "2s";
  bench.blocks = 2;
  Program program = run(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  const auto scratch = program.scratch();
  ASSERT_TRUE(scratch);
  pid_t server = 0;
  std::ifstream(*scratch / "postgres" / "data" / "postmaster.pid") >> server;
  ASSERT_GT(server, 0);
  ::kill(server, SIGKILL);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("failed", "ok"));
  EXPECT_THAT(reasons(report.at("cells").at(0).at("trials").at(0)),
              HasSubstr("postgres ended (killed by SIGKILL) under load"));
}

/// A server that is nobody's business but the user's: poolbench is only told where it is.
class ExternalPostgresTest : public PostgresTest {
 protected:
  ExternalPostgresTest() {
    // Short: PostgreSQL's socket lies in it.
    std::string name = "/tmp/poolbench-e2e-pg-XXXXXX";
    places_.scratch = ::mkdtemp(name.data());
    fs::permissions(places_.scratch, fs::perms(0711));
    places_.cache = {folder_ / "cache", folder_ / "cache"};
    places_.log = folder_ / "external.log";
  }
  ~ExternalPostgresTest() override {
    server_.reset();
    supervisor_.reset();
    std::error_code ignored;
    fs::remove_all(places_.scratch, ignored);
  }

  void SetUp() override {
    auto interrupt = process::Interrupt::install();
    ASSERT_TRUE(interrupt);
    interrupt_.emplace(std::move(*interrupt));
    auto supervisor =
        process::Supervisor::create(*interrupt_, process::make_run_id(base::SystemClock()));
    ASSERT_TRUE(supervisor);
    supervisor_ = std::move(*supervisor);
    auto server = service::PostgresService::create(*supervisor_, {}, places_);
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    const auto ready = server_->ensure_running({});
    ASSERT_TRUE(ready) << ready.error().message;
  }

  [[nodiscard]] std::string dsn() const {
    const auto parts = server_->conninfo("tcp");
    return fmt::format("host={} port={} user={} dbname=postgres", parts.at("host"),
                       parts.at("port"), parts.at("user"));
  }
  /// What psql lists, one database a line.
  [[nodiscard]] std::string databases() const {
    const auto bin_folder = service::find_postgres({});
    EXPECT_TRUE(bin_folder);
    const std::string command =
        fmt::format("'{}' -At -c 'SELECT datname FROM pg_database ORDER BY 1' '{}'",
                    (*bin_folder / "psql").string(), dsn());
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text(4096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), pipe.get()));
    EXPECT_THAT(text, HasSubstr("template0"));
    return text;
  }
  static ToyBench external() {
    ToyBench bench;
    bench.postgres = "source = \"external\"\ndsn_env = \"POOLBENCH_E2E_DSN\"";
    return bench;
  }
  Program run_external(const ToyBench& bench) const {
    return run(write_toy_bench(folder_, bench), {}, {{"POOLBENCH_E2E_DSN", dsn()}});
  }

  service::PostgresService::Places places_;
  std::optional<process::Interrupt> interrupt_;
  std::unique_ptr<process::Supervisor> supervisor_;
  std::optional<service::PostgresService> server_;
};

TEST_F(ExternalPostgresTest, RunLeavesOnlyTheDatabasesThatWereThereBefore) {
  const std::string before = databases();
  Program program = run_external(external());
  EXPECT_EQ(program.wait(), exited(0)) << program.err();
  EXPECT_EQ(databases(), before);
  expect_nothing_left(program);
  const base::Json report = this->report();
  EXPECT_THAT(statuses(report), ElementsAre("ok"));
  EXPECT_EQ(report.at("environment").at("postgres").at("source"), "external");
}

TEST_F(ExternalPostgresTest, InterruptedRunLeavesOnlyTheDatabasesThatWereThereBefore) {
  const std::string before = databases();
  ToyBench bench = external();
  bench.measure = "30s";
  Program program = run_external(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  EXPECT_NE(databases(), before);
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(), killed_by(SIGTERM)) << program.err();
  EXPECT_EQ(databases(), before);
}

TEST_F(PostgresTest, UnsetVariableWithTheAddressIsNamed) {
  ToyBench bench;
  bench.postgres = "source = \"external\"\ndsn_env = \"POOLBENCH_E2E_UNSET\"";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), HasSubstr("POOLBENCH_E2E_UNSET"));
  expect_nothing_left(program);
}

}  // namespace
}  // namespace poolbench::e2e
