#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <memory>

#include "base/endpoint.h"
#include "base/environment.h"
#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "base/time.h"
#include "e2e/fixture.h"
#include "process/interrupt.h"
#include "process/launch.h"
#include "process/run_command.h"
#include "process/supervisor.h"
#include "process/sweep.h"
#include "service/postgres/cluster.h"
#include "service/postgres/installation.h"

namespace poolbench::e2e {
namespace {

/// A server that is nobody's business but the user's: poolbench is only told where it is.
class ExternalPostgresTest : public E2eTest {
 protected:
  ExternalPostgresTest() {
    places_.scratch = scratch_;
    places_.cache = {folder_ / "cache", folder_ / "cache"};
    places_.log = folder_ / "external.log";
  }
  ~ExternalPostgresTest() override {
    server_.reset();
    supervisor_.reset();
  }

  void SetUp() override {
    auto interrupt = process::Interrupt::install();
    ASSERT_TRUE(interrupt);
    interrupt_.emplace(std::move(*interrupt));
    auto supervisor =
        process::Supervisor::create(*interrupt_, process::make_run_id(base::SystemClock()));
    ASSERT_TRUE(supervisor);
    supervisor_ = std::move(*supervisor);
    auto server = service::PostgresCluster::create(*supervisor_, {}, places_);
    ASSERT_TRUE(server) << server.error().message;
    server_.emplace(std::move(*server));
    const auto ready = server_->ensure_running({});
    ASSERT_TRUE(ready) << ready.error().message;
  }

  [[nodiscard]] std::string dsn() const { return dsn_of("postgres"); }
  [[nodiscard]] std::string dsn_of(const std::string& user) const {
    return fmt::format("host=127.0.0.1 port={} user={} dbname=postgres{}",
                       server_->own_conninfo().at("port"), user,
                       password_.empty() ? "" : " password=" + password_);
  }
  /// From now on the server asks its superuser for this password.
  void require_password(const std::string& password) {
    static_cast<void>(psql("ALTER ROLE postgres PASSWORD '" + password + "'"));
    password_ = password;
    scenario::PostgresSettings settings;
    settings.auth = scenario::PostgresSettings::Auth::kScram;
    const auto running = server_->ensure_running(settings);
    ASSERT_TRUE(running) << running.error().message;
  }
  /// What psql prints.
  [[nodiscard]] std::string psql(const std::string& sql) const {
    const auto bin_folder = service::find_postgres({});
    EXPECT_TRUE(bin_folder);
    const std::string command =
        fmt::format("'{}' -XAt -c \"{}\" '{}'", (*bin_folder / "psql").string(), sql, dsn());
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text(4096, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), pipe.get()));
    return text;
  }
  /// One database a line.
  [[nodiscard]] std::string databases() const {
    const std::string text = psql("SELECT datname FROM pg_database ORDER BY 1");
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

  /// The same with poolbench in another role, and the target at another address.
  Program run_as(const std::string& user, ToyBench bench,
                 const std::string& target_dsn = {}) const {
    if (!target_dsn.empty()) bench.postgres += "\ntarget_dsn_env = \"POOLBENCH_E2E_TARGET_DSN\"";
    return run(write_toy_bench(folder_, bench), {},
               {{"POOLBENCH_E2E_DSN", dsn_of(user)}, {"POOLBENCH_E2E_TARGET_DSN", target_dsn}});
  }
  static ToyBench external_with_database() {
    ToyBench bench = with_database(2);
    bench.postgres = external().postgres;
    return bench;
  }

  // Its path is short: PostgreSQL's socket lies in it.
  base::TemporaryFolder scratch_{fs::perms(0711), "/tmp"};
  service::PostgresCluster::Places places_;
  std::optional<process::Interrupt> interrupt_;
  std::unique_ptr<process::Supervisor> supervisor_;
  std::optional<service::PostgresCluster> server_;
  std::string password_;
};

TEST_F(ExternalPostgresTest, NothingOfItsDataIsKeptForLaterRuns) {
  ToyBench bench = external();
  bench.data = R"([["sh", "-c", "echo made >> ')" + (folder_ / "made").string() + R"('"]])";
  bench.data_inputs = "[]";
  for (int runs = 1; runs <= 2; ++runs) {
    fs::remove_all(results());
    Program program =
        run(write_toy_bench(folder_, bench), {},
            {{"POOLBENCH_E2E_DSN", dsn()}, {"POOLBENCH_CACHE", (folder_ / "cache").string()}});
    EXPECT_EQ(program.wait(), exited(0)) << program.err();
    const base::Json written = report();
    EXPECT_EQ(written.at("environment").at("target").at("data_sets").at(0).at("kept"), false);
    const std::string made = base::read_file(folder_ / "made").value_or("");
    EXPECT_EQ(std::ranges::count(made, '\n'), runs);
  }
  EXPECT_FALSE(fs::exists(folder_ / "cache" / "data"));
  EXPECT_THAT(databases(), Not(HasSubstr("poolbench")));
}

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

TEST_F(ExternalPostgresTest, ASweepSaysWhatALostRunLeftOnTheServer) {
  ToyBench bench = external();
  bench.measure = "30s";
  Program program = run_external(bench);
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  program.signal(SIGKILL);
  EXPECT_EQ(program.wait(), killed_by(SIGKILL));
  Program sweep(folder_, {"sweep"});
  EXPECT_EQ(sweep.wait(), exited(0));
  const std::string run = report_file().parent_path().filename().string();
  EXPECT_THAT(sweep.out(),
              HasSubstr("databases named poolbench_…_" + run.substr(run.rfind('-') + 1) +
                        "… may be left on the server of $POOLBENCH_E2E_DSN"));
}

TEST_F(ExternalPostgresTest, EveryLackingRightIsNamedBeforeAnythingIsMade) {
  static_cast<void>(psql("CREATE ROLE plain LOGIN"));
  static_cast<void>(psql("CREATE ROLE app LOGIN"));
  const std::string before = databases();
  Program program = run_as("plain", external_with_database(), dsn_of("app"));
  EXPECT_EQ(program.wait(), exited(2)) << program.err();
  EXPECT_THAT(program.err(), AllOf(HasSubstr("ALTER ROLE \"plain\" CREATEDB;"),
                                   HasSubstr("GRANT \"app\" TO \"plain\";"),
                                   HasSubstr("GRANT pg_checkpoint TO \"plain\"")));
  EXPECT_EQ(databases(), before);
}

TEST_F(ExternalPostgresTest, WithoutTheRightToMakeACheckpointTheRunGoesOn) {
  static_cast<void>(psql("CREATE ROLE maker LOGIN CREATEDB"));
  static_cast<void>(psql("CREATE ROLE app LOGIN"));
  static_cast<void>(psql("GRANT app TO maker"));
  const std::string before = databases();
  Program program = run_as("maker", external_with_database(), dsn_of("app"));
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  EXPECT_THAT(program.err(), HasSubstr("without a CHECKPOINT"));
  EXPECT_EQ(databases(), before);
  const base::Json database = report().at("cells").at(0).at("trials").at(0).at("database");
  EXPECT_EQ(database.at("peak_connections_source"), "samples");
  EXPECT_GT(database.at("sessions_opened"), 0);
}

TEST_F(ExternalPostgresTest, MayAskForAPasswordBehindATargetThatAsksForALogIn) {
  require_password("open-sesame-4711");
  const std::string before = databases();
  ToyBench bench = external_with_database();
  bench.metrics = "[[login]]\npath = \"/db\"\nexpect.body = \"hello\"\n";
  Program program = run_external(bench);
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  ASSERT_EQ(report.at("outcome"), "completed") << program.err();
  EXPECT_EQ(databases(), before);
  const base::Json trial = report.at("cells").at(0).at("trials").at(0);
  EXPECT_GT(trial.at("requests").at("ok"), 0) << trial.at("reasons");
  EXPECT_GT(trial.at("database").at("sessions_opened"), 0);
  for (const auto& entry : fs::recursive_directory_iterator(results())) {
    if (!entry.is_regular_file()) continue;
    EXPECT_THAT(base::read_file(entry.path()).value_or(""), Not(HasSubstr(password_)))
        << entry.path();
  }
}

TEST_F(ExternalPostgresTest, OfAServerThatRunsAlreadyIsOnlyReadFrom) {
  static_cast<void>(psql("CREATE ROLE reader LOGIN"));
  static_cast<void>(psql("GRANT pg_read_all_stats TO reader"));
  const auto port = base::free_port();
  ASSERT_TRUE(port);
  process::Command command;
  command.name = "shop";
  command.argv = {POOLBENCH_TOY_SERVER, "--port", std::to_string(*port), "--answer-delay-ms", "2"};
  command.environment = base::standard_environment();
  command.environment.merge(base::Environment{{"PGHOST", "127.0.0.1"},
                                              {"PGPORT", server_->own_conninfo().at("port")},
                                              {"PGUSER", "postgres"},
                                              {"PGDATABASE", "postgres"}});
  command.log = folder_ / "shop.log";
  ASSERT_TRUE(supervisor_->start(command));
  fs::create_directories(folder_ / "shop");
  std::ofstream(folder_ / "shop" / "target.toml")
      << "schema = 2\nname = \"shop\"\ndefault_endpoint = \"db\"\nserve.url = \"http://127.0.0.1:"
      << *port << "\"\nendpoint.db = { path = \"/db\", expect = { body = \"hello\" } }\n";
  const fs::path scenario = folder_ / "shop.toml";
  std::ofstream(scenario)
      << "schema = 1\nname = \"shop\"\ntarget.use = \"./shop\"\ndesign.blocks = 1\n"
      << "postgres = { source = \"external\", dsn_env = \"POOLBENCH_E2E_DSN\" }\n"
      << "load = { connections = 2, warmup = \"50ms\", measure = \"500ms\" }\n";
  const std::string before = databases();
  Program program = run(scenario, {}, {{"POOLBENCH_E2E_DSN", dsn_of("reader")}});
  program.wait();
  const base::Json report = this->report();
  ASSERT_EQ(report.at("outcome"), "completed") << program.err();
  EXPECT_EQ(databases(), before);
  const base::Json trial = report.at("cells").at(0).at("trials").at(0);
  EXPECT_GT(trial.at("database").at("sessions_opened"), 0);
  EXPECT_EQ(trial.at("database").at("peak_connections_source"), "samples");
  EXPECT_TRUE(trial.at("cpu_seconds").at("target").is_null());
  EXPECT_THAT(program.out(),
              HasSubstr("those of the whole database postgres of $POOLBENCH_E2E_DSN"));
}

/// PgBouncer before the external server, if it is installed.
class PoolerTest : public ExternalPostgresTest {
 protected:
  void SetUp() override {
    ExternalPostgresTest::SetUp();
    if (HasFatalFailure()) return;
    program_ = process::find_program("pgbouncer", "/usr/sbin:/usr/bin:/usr/local/bin");
    if (program_.empty()) GTEST_SKIP() << "PgBouncer is not installed";
  }
  /// Starts it with these lines as its [databases]; returns its address.
  std::string start_pooler(const std::string& databases) {
    const auto port = base::free_port();
    EXPECT_TRUE(port);
    const fs::path users = folder_ / "users.txt", config = folder_ / "pgbouncer.ini";
    std::ofstream(users) << "\"postgres\" \"\"\n";
    std::ofstream(config) << "[databases]\n"
                          << fmt::format(fmt::runtime(databases),
                                         server_->own_conninfo().at("port"))
                          << "\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = " << *port
                          << "\nunix_socket_dir =\nauth_type = trust\nauth_file = "
                          << users.string() << "\npool_mode = transaction\n";
    process::Command command;
    command.name = "pgbouncer";
    command.argv = {program_, config.string()};
    command.log = folder_ / "pgbouncer.log";
    command.run_as = service::postgres_user();
    EXPECT_TRUE(supervisor_->start(command));
    const auto listens = [&] {
      return base::tail_of_file(command.log, 50).find("process up") != std::string::npos;
    };
    EXPECT_TRUE(process::wait_until_ready(*supervisor_, "PgBouncer was not ready", command.log,
                                          std::chrono::seconds(10), listens));
    return fmt::format("host=127.0.0.1 port={} user=postgres dbname=postgres", *port);
  }
  std::string program_;
};

TEST_F(PoolerTest, IsRefusedAsTheServerItself) {
  const std::string pooler = start_pooler("* = host=127.0.0.1 port={}");
  Program program = run(write_toy_bench(folder_, external()), {}, {{"POOLBENCH_E2E_DSN", pooler}});
  EXPECT_EQ(program.wait(), exited(2)) << program.err();
  EXPECT_THAT(program.err(),
              AllOf(HasSubstr("a pooler answers there"), HasSubstr("postgres.target_dsn_env")));
}

TEST_F(PoolerTest, StandsBetweenTheTargetAndItsDatabase) {
  const std::string before = databases();
  ToyBench bench = external_with_database();
  bench.data = R"toml([["psql", "-X", "-q", "-c", "CREATE TABLE t(i int)"]])toml";
  Program program = run_as("postgres", bench, start_pooler("* = host=127.0.0.1 port={}"));
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  EXPECT_EQ(databases(), before);
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_LT(trial.at("database").at("sessions_per_request"), 0.5);
}

TEST_F(PoolerTest, MustPassOnTheNamesOfNewDatabases) {
  const std::string pooler = start_pooler("postgres = host=127.0.0.1 port={}");
  Program program = run_as("postgres", external_with_database(), pooler);
  EXPECT_EQ(program.wait(), exited(2)) << program.err();
  EXPECT_THAT(program.err(), HasSubstr("PgBouncer: an entry `* = host"));
}

TEST_F(ExternalPostgresTest, PlanSaysThatTheVariableWithTheAddressIsNotSet) {
  ToyBench bench;
  bench.postgres = "source = \"external\"\ndsn_env = \"POOLBENCH_E2E_UNSET\"";
  Program program = start({"plan", write_toy_bench(folder_, bench).string()});
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), HasSubstr("POOLBENCH_E2E_UNSET"));
}

TEST_F(ExternalPostgresTest, UnsetVariableWithTheAddressIsNamed) {
  ToyBench bench;
  bench.postgres = "source = \"external\"\ndsn_env = \"POOLBENCH_E2E_UNSET\"";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), HasSubstr("POOLBENCH_E2E_UNSET"));
  EXPECT_FALSE(fs::exists(results())) << "nothing was measured";
  expect_nothing_left(program);
}

}  // namespace
}  // namespace poolbench::e2e
