#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <regex>

#include "base/clock.h"
#include "base/endpoint.h"
#include "base/file.h"
#include "e2e/fixture.h"
#include "process/interrupt.h"
#include "process/program.h"
#include "process/run_id.h"
#include "process/supervisor.h"
#include "service/postgres_installation.h"
#include "service/postgres_service.h"
#include "service/ready.h"

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

/// The toy as an application with a database: a session for each request.
ToyBench with_database(int connections) {
  ToyBench bench;
  bench.endpoint = "db";
  bench.connections = connections;
  bench.measure = "500ms";
  return bench;
}

/// Most sessions of trial databases at once, counted from the log's lines with nothing of
/// poolbench: a process is one of them from its "connection received" on if a later line says so.
int peak_in_log(const fs::path& log) {
  const std::regex line(R"(^\S+ \S+ \S+ \[(\d+)\] \S+ (LOG|FATAL):  (.*)$)");
  std::map<int, int> begin;                // sequence number of the latest begin, by process
  std::map<int, std::pair<int, int>> all;  // of sessions, by that number: begin and end
  std::ifstream file(log);
  std::string text;
  for (int now = 0; std::getline(file, text); ++now) {
    std::smatch found;
    if (!std::regex_match(text, found, line)) continue;
    const int pid = std::stoi(found[1]);
    const std::string words = found[3];
    if (words.starts_with("connection received")) begin[pid] = now;
    const bool is_ours = text.find("poolbench_trial_") != std::string::npos;
    if (is_ours && words.starts_with("connection authorized"))
      all[begin[pid]] = {begin[pid], 1 << 30};
    if (is_ours && (found[2] == "FATAL" || words.starts_with("disconnection"))) {
      all[begin[pid]] = {begin[pid], now};
    }
  }
  int peak = 0;
  for (const auto& [key, one] : all) {
    int at_once = 0;
    for (const auto& [other_key, other] : all) {
      at_once += other.first <= one.first && one.first < other.second ? 1 : 0;
    }
    peak = std::max(peak, at_once);
  }
  return peak;
}

TEST_F(PostgresTest, PeakConnectionsAreThoseOfTheServersOwnLog) {
  Program program = run(with_database(6));
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const base::Json database = report().at("cells").at(0).at("trials").at(0).at("database");
  EXPECT_EQ(database.at("peak_connections_source"), "log");
  EXPECT_EQ(database.at("peak_connections"),
            peak_in_log(report_file().parent_path() / "postgres.log"));
  EXPECT_EQ(database.at("refused_connections"), 0);
  EXPECT_GT(database.at("sessions_opened"), 0);
}

TEST_F(PostgresTest, WhereTheScenarioHidesTheLinesThePeakIsSampledAndSaidToBe) {
  ToyBench bench = with_database(4);
  bench.postgres = "settings = { log_disconnections = false }";
  Program program = run(bench);
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_EQ(trial.at("database").at("peak_connections_source"), "samples");
  EXPECT_EQ(trial.at("database").at("refused_connections"), nullptr);
  EXPECT_THAT(program.out(), HasSubstr("log_disconnections is \"off\""));
}

TEST_F(PostgresTest, RefusedConnectionsAreNamedAsTheCauseOfFailedAnswers) {
  ToyBench bench = with_database(10);
  bench.postgres = "settings = { max_connections = 7 }";  // three of them not for ordinary roles
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_GT(trial.at("database").at("refused_connections"), 0);
  EXPECT_THAT(trial.at("reasons").at(0).get<std::string>(),
              AllOf(HasSubstr("PostgreSQL refused"), HasSubstr("remaining connection slots"),
                    HasSubstr("max_connections")));
  expect_nothing_left(program);
}

TEST_F(PostgresTest, ATargetThatAsksAnotherDatabaseFailsItsTrial) {
  ToyBench bench = with_database(2);
  bench.params = "conninfo = \"dbname=postgres\"";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  const base::Json cell = report().at("cells").at(0);
  EXPECT_EQ(cell.at("status"), "failed");
  EXPECT_THAT(cell.at("error").get<std::string>(), HasSubstr("own database saw no session"));
}

TEST_F(PostgresTest, DataCommandsRunAsAnOrdinaryRoleAfterASuperuserMadeTheExtensions) {
  ToyBench bench = with_database(2);
  const std::string create = R"([["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", "@"]])";
  const auto commands = [&](const char* sql) {
    return std::string(create).replace(create.find('@'), 1, sql);
  };
  bench.data = commands("CREATE EXTENSION pageinspect");  // which only a superuser may
  Program refused = run(bench);
  EXPECT_EQ(refused.wait(), exited(3));
  EXPECT_THAT(refused.err(), AllOf(HasSubstr("permission denied"), HasSubstr("data.extensions")));
  fs::remove_all(results());
  bench.extensions = "[\"pageinspect\"]";
  bench.data = commands("CREATE TABLE t AS SELECT extname FROM pg_extension");
  Program program = run(bench);
  program.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << program.err();
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
  [[nodiscard]] std::string dsn_of(const std::string& user) const {
    return fmt::format("host=127.0.0.1 port={} user={} dbname=postgres",
                       server_->conninfo("tcp").at("port"), user);
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
                                         server_->conninfo("tcp").at("port"))
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
    EXPECT_TRUE(service::wait_until_ready(*supervisor_, "PgBouncer was not ready", command.log,
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

TEST_F(PostgresTest, PlanSaysThatTheVariableWithTheAddressIsNotSet) {
  ToyBench bench;
  bench.postgres = "source = \"external\"\ndsn_env = \"POOLBENCH_E2E_UNSET\"";
  Program program = start({"plan", write_toy_bench(folder_, bench).string()});
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), HasSubstr("POOLBENCH_E2E_UNSET"));
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
