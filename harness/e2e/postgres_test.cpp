#include <fmt/format.h>

#include <csignal>
#include <fstream>

#include "e2e/fixture.h"

namespace poolbench::e2e {
namespace {

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

}  // namespace
}  // namespace poolbench::e2e
