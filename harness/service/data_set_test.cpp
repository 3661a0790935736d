#include "service/data_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "base/temporary_folder_fixture.h"
#include "service/target_command.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::Pair;

class DataSetTest : public testing::Test {
 protected:
  DataSetTest() {
    write("seed.sql", "INSERT");
    write("seed.sh", "psql");
    spec_.name = "shop";
    spec_.schema = 2;
    spec_.folder = folder_;
    spec_.data.folder = folder_;
    spec_.data.inputs = {{"seed.sql"}};
    spec_.data.commands = {{"./seed.sh", "{arguments}"}, {"analyse"}};
    spec_.data.environment = {{"MODE", "bench"}};
    spec_.data.params["rows"].argument = {"--rows", "{value}"};
    spec_.inherit = {"SEED_MODE"};
    values_ = {{"rows", 1000}};
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] scenario::TargetSettings settings() const {
    scenario::TargetSettings settings;
    settings.spec = std::make_shared<scenario::TargetSpec>(spec_);
    settings.data_params = values_;
    return settings;
  }
  [[nodiscard]] std::string key() const {
    return data_key(settings(), prepared_, postgres_, caller_).value_or("failed");
  }

  base::TemporaryFolder folder_;
  scenario::TargetSpec spec_;
  std::map<std::string, base::Json> values_;
  std::string prepared_ = "p1";
  scenario::PostgresSettings postgres_;
  base::Environment caller_{{"PATH", "/bin"}, {"LANG", "C"}, {"SEED_MODE", "fast"}};
};

TEST_F(DataSetTest, TheKeyChangesWithEverythingThatTheDataAreMadeOf) {
  std::set<std::string> keys{key()};
  EXPECT_EQ(keys.count(key()), 1U);
  const std::vector<std::pair<const char*, std::function<void()>>> changes = {
      {"content of inputs", [&] { write("seed.sql", "UPDATE"); }},
      {"inputs", [&] { write("more.sql", ""), spec_.data.inputs->emplace_back("more.sql"); }},
      {"a script that is no input", [&] { write("seed.sh", "exec psql"); }},
      {"a command", [&] { spec_.data.commands.back().emplace_back("--all"); }},
      {"another command", [&] { spec_.data.commands.push_back({"vacuum"}); }},
      {"the environment", [&] { spec_.data.environment["MODE"] = "test"; }},
      {"the value of a parameter", [&] { values_["rows"] = 1001; }},
      {"how a parameter is given", [&] { spec_.data.params["rows"].environment = "ROWS"; }},
      {"the folder", [&] { spec_.data.folder = folder_ / "sub"; }},
      {"an extension", [&] { spec_.data.extensions.emplace_back("citext"); }},
      {"what was prepared", [&] { prepared_ = "p2"; }},
      {"what is inherited", [&] { caller_["SEED_MODE"] = "slow"; }},
      {"that it is not inherited", [&] { caller_.erase("SEED_MODE"); }},
      {"how tables are compressed",
       [&] { postgres_.settings["default_toast_compression"] = "lz4"; }},
      {"PostgreSQL's time zone", [&] { postgres_.settings["TimeZone"] = "Europe/Berlin"; }},
      {"what a superuser runs", [&] { postgres_.init_sql = {{"CREATE SCHEMA s", "", ""}}; }},
      {"the locale", [&] { caller_["LC_ALL"] = "de_DE.UTF-8"; }},
      {"the time zone", [&] { caller_["TZ"] = "UTC"; }},
      {"a setting of the application", [&] { postgres_.settings["app.rows"] = "5"; }},
      {"how texts are searched",
       [&] { postgres_.settings["default_text_search_config"] = "english"; }},
      {"where programs are found", [&] { caller_["PATH"] = folder_ / "bin"; }},
      {"whose home it is", [&] { caller_["HOME"] = "/home/other"; }},
  };
  for (const auto& [what, change] : changes) {
    change();
    EXPECT_TRUE(keys.insert(key()).second) << what;
  }
}

TEST_F(DataSetTest, TheKeyIsTheSameWhereNothingChanges) {
  const std::string before = key();
  caller_["TMPDIR"] = "/var/tmp";
  caller_["OTHER"] = "1";
  postgres_.settings["shared_buffers"] = "1GB";
  write("views.py", "not an input");
  spec_.serve.command = {"other"};
  spec_.name = "renamed";
  EXPECT_EQ(key(), before);
}

TEST_F(DataSetTest, InputsThatChangeWhileDataAreMadeAreAFailure) {
  const auto target = settings();
  const DataSet data{
      &target, &postgres_, {}, prepared_, data_key(target, prepared_, postgres_).value()};
  EXPECT_TRUE(check_unchanged(data));
  write("seed.sql", "another text");
  const auto changed = check_unchanged(data);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().message, testing::HasSubstr("changed while they were made"));
}

TEST_F(DataSetTest, WithoutInputsOrAnythingToMakeThereIsNoKey) {
  auto spec = spec_;
  spec_.data.inputs.reset();
  EXPECT_EQ(key(), "");
  spec_ = spec;
  spec_.data.commands.clear();
  EXPECT_EQ(key(), "");
  spec_.data.extensions = {"citext"};
  EXPECT_NE(key(), "");
}

TEST_F(DataSetTest, EachIsThereOnceForAllItsCells) {
  scenario::Scenario scenario;
  for (const int rows : {10, 20, 10}) {
    values_["rows"] = rows;
    scenario.cells.emplace_back().target = settings();
  }
  const auto sets = data_sets(scenario, {folder_ / "cache", folder_ / "cache"}).value();
  ASSERT_EQ(sets.size(), 2U);
  EXPECT_EQ(sets[0].settings, &scenario.cells[0].target);
  EXPECT_NE(sets[0].key, sets[1].key);
  EXPECT_NE(sets[0].name(), sets[1].name());
  EXPECT_EQ(DataSet::name_of(scenario.cells[2].target, scenario.cells[2].postgres), sets[0].name());
}

TEST_F(DataSetTest, EachServerAndEachInitSqlHasItsOwn) {
  scenario::Scenario scenario;
  for (const char* version : {"", "14", "18", "14"}) {
    scenario::Cell& cell = scenario.cells.emplace_back();
    cell.target = settings();
    cell.postgres.version = version;
  }
  scenario.cells.back().postgres.init_sql = {{"CREATE SCHEMA s", "", ""}};
  const auto sets = data_sets(scenario, {folder_ / "cache", folder_ / "cache"}).value();
  ASSERT_EQ(sets.size(), 4U);
  EXPECT_EQ(sets[1].key, sets[2].key) << "the kept clusters of a server are told apart by it";
  EXPECT_NE(sets[1].name(), sets[2].name());
  EXPECT_NE(sets[3].key, sets[1].key);
}

TEST_F(DataSetTest, WhatMakingTookIsKnownTheNextTime) {
  const auto ten = settings();
  values_["rows"] = 20;
  const auto twenty = settings();
  const DataSet first{&ten, &postgres_, {}}, second{&twenty, &postgres_, {}};
  EXPECT_EQ(last_making(folder_, first), std::nullopt);
  note_making(folder_, first, std::chrono::milliseconds(20500));
  EXPECT_EQ(last_making(folder_, first), std::chrono::milliseconds(20500));
  EXPECT_EQ(last_making(folder_, second), std::nullopt);
  note_making(folder_ / "seed.sql", first, std::chrono::seconds(1));  // cannot be written
  for (const auto& entry : fs::directory_iterator(folder_ / "data-times")) {
    std::ofstream(entry.path()) << "{";
  }
  EXPECT_EQ(last_making(folder_, first), std::nullopt);
}

TEST_F(DataSetTest, CommandsGetTheirWordsFolderAndEnvironment) {
  spec_.data.environment["URL"] = "{pgdatabase}/{data.params.rows}/{prepared}";
  spec_.data.commands = {{"./seed.sh", "{arguments}", "{data.params.rows}"}, {"analyse"}};
  spec_.data.folder = folder_ / "sub";
  spec_.data.params["rows"].environment = "ROWS";
  const auto commands = data_commands(settings(), "/cache/p", {{"PGDATABASE", "db"}}).value();
  ASSERT_EQ(commands.size(), 2U);
  EXPECT_THAT(commands[0].argv,
              ElementsAre((folder_ / "seed.sh").string(), "--rows", "1000", "1000"));
  EXPECT_THAT(commands[1].argv, ElementsAre("analyse"));
  for (const process::Command& command : commands) {
    EXPECT_THAT(command.environment, Contains(Pair("MODE", "bench")));
    EXPECT_THAT(command.environment, Contains(Pair("URL", "db/1000//cache/p")));
    EXPECT_THAT(command.environment, Contains(Pair("ROWS", "1000")));
    EXPECT_THAT(command.environment, Contains(Pair("PGDATABASE", "db")));
    EXPECT_EQ(command.folder, folder_ / "sub");
  }
}

TEST_F(DataSetTest, TheOnlyCommandGetsTheArgumentsAtItsEnd) {
  spec_.data.commands = {{"seed", "all"}};
  EXPECT_THAT(data_commands(settings(), {}, {}).value().front().argv,
              ElementsAre("seed", "all", "--rows", "1000"));
}

}  // namespace
}  // namespace poolbench::service
