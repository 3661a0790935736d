
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"
#include "scenario/scenario.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""s;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Scenario expanded(const std::string& body) {
  auto result = expand_body(body);
  EXPECT_TRUE(result.has_value()) << (result ? "" : to_text(result.error()));
  return result.value();
}

TEST(Expand, FillsInEveryDefault) {
  const Scenario s = expanded("");
  ASSERT_THAT(ids_of(s), ElementsAre("all"));
  EXPECT_EQ(s.cells.front().config.dump(),
            R"({"target":{"use":"web","params":{"conn_max_age":0,"database_settings":{},)"
            R"("pool":false,"worker_class":"sync","workers":2},"endpoint":"query"},)"
            R"("postgres":{"source":"private","bin_folder":null,"transport":"tcp","settings":{}},)"
            R"("load":{"generator":"native","connections":50,"threads":1,"keep_alive":true,)"
            R"("warmup":null,"measure":"5s","requests":null,"rate":null,"timeout":"10s",)"
            R"("tolerated_error_ratio":0.0},)"
            R"("placement":{"generator":null,"target":null,"postgres":null}})");
  EXPECT_EQ(s.design.blocks, 15);
  EXPECT_EQ(s.design.seed, std::nullopt);
  EXPECT_EQ(s.effective["design"].dump(),
            R"({"blocks":15,"precision":null,"max_blocks":null,"seed":null,)"
            R"("slice":null,"skip_missing_generators":false})");
  EXPECT_EQ(s.effective["load"], s.cells.front().config["load"]);
}

TEST(Expand, DecodesEverySetting) {
  const Scenario s = expanded(
      "[postgres]\ntransport = \"unix\"\nbin_folder = \"/pg\"\n"
      "settings = { fsync = false, max_connections = 100, random_page_cost = 1.1, work_mem = "
      "\"4MB\" }\n"
      "[load]\nconnections = 7\nthreads = 2\nkeep_alive = false\nrequests = 1000\nrate = 250\n"
      "timeout = \"1s\"\ntolerated_error_ratio = 0.25\n[design]\nblocks = 3\nseed = 9\n"
      "[placement]\ngenerator = \"1\"\ntarget = \"0,2-3\"\n");
  const Cell& cell = s.cells.front();
  EXPECT_EQ(cell.postgres.transport, "unix");
  EXPECT_EQ(cell.postgres.settings, (std::map<std::string, std::string>{{"fsync", "off"},
                                                                        {"max_connections", "100"},
                                                                        {"random_page_cost", "1.1"},
                                                                        {"work_mem", "4MB"}}));
  EXPECT_EQ(cell.load.connections, 7);
  EXPECT_FALSE(cell.load.keep_alive);
  EXPECT_EQ(cell.load.requests, 1000U);
  EXPECT_EQ(cell.load.measure, 60s) << "the bound of a load that counts requests";
  EXPECT_EQ(cell.load.rate_hz, 250);
  EXPECT_EQ(cell.load.tolerated_error_ratio, 0.25);
  EXPECT_EQ(s.design.seed, 9U);
  EXPECT_THAT(cell.placement.target, ElementsAre(0, 2, 3));
  EXPECT_EQ(cell.config["placement"]["target"], "0,2-3");
}

TEST(Expand, LaysVariantsAndThenAxisValuesOverTheFile) {
  const Scenario s = expanded(
      "target.params.database_settings = { A = 1 }\n"
      "[variant.plain]\n[variant.more]\ntarget.params.database_settings = { B = 2 }\n"
      "\"load.connections\" = 9\n"
      "[matrix]\nvariant = [\"plain\", \"more\"]\n"
      "\"target.params.pool\" = [false, { max_size = 4 }]\n");
  ASSERT_EQ(s.cells.size(), 4U);
  const Cell& plain = s.cells[0];
  EXPECT_EQ(plain.target.params.at("database_settings").dump(), R"({"A":1})");
  EXPECT_EQ(plain.load.connections, 50);
  const Cell& more = s.cells[3];
  EXPECT_EQ(more.id, R"(variant=more,pool={"max_size":4})");
  EXPECT_EQ(more.target.params.at("database_settings").dump(), R"({"A":1,"B":2})");
  EXPECT_EQ(more.target.params.at("pool").dump(), R"({"max_size":4})");
  EXPECT_EQ(more.load.connections, 9);
  ASSERT_EQ(more.factors.size(), 2U);
  EXPECT_EQ(more.factors[1].axis, "pool");
  EXPECT_EQ(more.factors[1].path, "target.params.pool");
  EXPECT_EQ(s.axes[1].values.size(), 2U);
}

TEST(Expand, NamesTheCellsThatBreakARuleOfTheTargetAtTheSettingThatDoes) {
  EXPECT_THAT(mistakes_in(expand_body("[matrix]\n\"target.params.pool\" = [false, true]\n"
                                      "\"target.params.conn_max_age\" = [0, 60]\n")),
              ElementsAre("6:36 a pool and persistent connections exclude each other "
                          "(cell pool=true,conn_max_age=60)"));
  EXPECT_THAT(mistakes_in(expand_body("target.params = { pool = true, conn_max_age = 60 }\n"
                                      "[matrix]\n\"target.params.workers\" = [1, 2, 3]\n")),
              ElementsAre("4:47 a pool and persistent connections exclude each other "
                          "(cell workers=1 and 2 more)"));
}

TEST(Expand, SaysAMistakeThatManyCellsRepeatOnce) {
  EXPECT_THAT(mistakes_in(expand_body("load.conections = 5\n[matrix]\n"
                                      "\"target.params.workers\" = [1, 2, 3, 4]\n")),
              ElementsAre("4:6 unknown key load.conections"));
}

TEST(Expand, FindsMistakesInSettingsThatEveryCellOverwrites) {
  EXPECT_THAT(mistakes_in(expand_body("load.measure = 5\n[matrix]\n\"load.measure\" = [\"1s\"]\n")),
              ElementsAre(HasSubstr("4:16 load.measure must be a duration in quotes")));
}

TEST(Expand, LetsVariantsBringWhatTheFileLacks) {
  const auto result = expand_text(
      "schema = 1\nname = \"t\"\npostgres.source = \"external\"\ntarget.params.workers = 4\n"
      "[variant.a]\ntarget.use = \"web\"\npostgres.dsn_env = \"DSN\"\n"
      "[matrix]\nvariant = [\"a\"]\n");
  ASSERT_TRUE(result.has_value()) << to_text(result.error());
  EXPECT_EQ(result->effective["target"]["params"].dump(), R"({"workers":4})");
}

TEST(Expand, RefusesVariantsThatAreUnusedUnknownOrOverwritten) {
  EXPECT_THAT(mistakes_in(expand_body("[variant.a]\n")),
              ElementsAre("4:10 no cell uses variant \"a\""));
  EXPECT_THAT(mistakes_in(expand_body("[variant.abc]\n[matrix]\nvariant = [\"abc\", \"abd\"]\n")),
              ElementsAre("6:19 there is no [variant.abd]"));
  EXPECT_THAT(
      mistakes_in(expand_body("[variant.a]\ntarget.params.workers = 4\n[matrix]\n"
                              "variant = [\"a\"]\n\"target.params.workers\" = [1]\n")),
      ElementsAre("5:15 variant \"a\" sets target.params.workers, which the matrix varies"));
  EXPECT_THAT(mistakes_in(expand_body("variant.a = 1\n[matrix]\nvariant = [\"a\"]\n")),
              ElementsAre("4:13 variant.a must be a table, found the number 1"));
}

TEST(Expand, RefusesCellsWhoseIdsLookAlike) {
  EXPECT_THAT(mistakes_in(expand_body("[matrix]\n\"target.params.conn_max_age\" = [1, 1.0]\n")),
              ElementsAre(HasSubstr("has the value \"1.0\" twice")));
  EXPECT_THAT(
      mistakes_in(expand_body("[matrix]\n\"target.params.database_settings.A\" = [1, \"1\"]\n")),
      ElementsAre("5:43 two cells are called A=1"));
}

TEST(Expand, RefusesSettingsThatWouldHaveNoEffect) {
  EXPECT_THAT(mistakes_in(expand_body("postgres.dsn_env = \"X\"\n")),
              ElementsAre("4:20 postgres.dsn_env has no effect with source = \"private\""));
  EXPECT_THAT(mistakes_in(expand_body("postgres.target_dsn_env = \"X\"\n")),
              ElementsAre("4:27 postgres.target_dsn_env has no effect with source = \"private\""));
  EXPECT_THAT(mistakes_in(expand_body("postgres = { source = \"external\", transport = \"unix\" "
                                      "}\nplacement.postgres = \"0\"\n")),
              ElementsAre("4:12 postgres.dsn_env is missing",
                          "4:47 postgres.transport has no effect with source = \"external\"",
                          "5:22 placement.postgres has no effect with postgres.source = "
                          "\"external\""));
}

TEST(Expand, KeepsAPrivateClusterWhereItIs) {
  EXPECT_THAT(mistakes_in(expand_body("[postgres.settings]\ndata_directory = \"/srv/real\"\n"
                                      "work_mem = \"8MB\"\nport = 5432\n")),
              ElementsAre("5:1 postgres.settings.data_directory is set by poolbench: it says where "
                          "a private cluster lies and listens",
                          HasSubstr("7:1 postgres.settings.port is set by poolbench")));
}

TEST(Expand, RefusesASecondServerInOneRun) {
  const std::string direct_or_pooled =
      "[postgres]\nsource = \"external\"\ndsn_env = \"DSN\"\n"
      "[variant.direct]\n[variant.pooled]\npostgres.target_dsn_env = \"POOLER\"\n"
      "[matrix]\nvariant = [\"direct\", \"pooled\"]\n";
  EXPECT_THAT(mistakes_in(expand_body(direct_or_pooled)),
              ElementsAre("9:27 postgres.target_dsn_env must be the same in all cells of a run: "
                          "variant=pooled has another one than variant=direct"));
  Overrides overrides;
  overrides.only = {"variant=pooled"};
  EXPECT_THAT(mistakes_in(expand_body(direct_or_pooled, overrides)), IsEmpty());
  EXPECT_THAT(mistakes_in(expand_body("[postgres]\nsource = \"external\"\n"
                                      "[matrix]\n\"postgres.dsn_env\" = [\"ONE\", \"TWO\"]\n")),
              ElementsAre(HasSubstr("postgres.dsn_env must be the same in all cells of a run")));
}

TEST(Expand, SaysWhatIsMissing) {
  EXPECT_THAT(
      mistakes_in(expand_text("")),
      ElementsAre("1:1 schema is missing", "1:1 name is missing", "1:1 target.use is missing"));
}

TEST(Expand, JudgesNothingElseOfAFileOfAnotherSchema) {
  EXPECT_THAT(mistakes_in(expand_text("schema = 2\nbanana = 1\n")),
              ElementsAre("1:10 schema = 2 is not known; this poolbench reads schema 1"));
}

TEST(Expand, SaysASyntaxErrorOnceEvenWithOverrides) {
  const auto result = expand_text("schema = = 1\n", {{"load"}, {"a=b"}});
  EXPECT_THAT(mistakes_in(result), ElementsAre(HasSubstr("is not PATH=VALUE"),
                                               AllOf(HasSubstr("1:10"), HasSubstr("not TOML"))));
}

TEST(Expand, RefusesWhatWouldFillTheMemory) {
  std::string body = "summary = \"" + std::string(100'000, 'x') + "\"\n[matrix]\n";
  for (const char* axis : {"a", "b", "c", "d"}) {
    body += std::string("\"target.params.database_settings.") + axis +
            "\" = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n";
  }
  EXPECT_THAT(mistakes_in(expand_body(body)),
              ElementsAre(HasSubstr("10000 cells are too many for a file of 100")));
}

TEST(CpuList, ReadsAndWritesListsAsTheKernelDoes) {
  EXPECT_THAT(*parse_cpu_list("3,0-1"), ElementsAre(0, 1, 3));
  EXPECT_EQ(format_cpu_list({0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
  EXPECT_EQ(format_cpu_list({}), "");
  for (const char* text : {"", ",", "1,", "1-", "-1", "3-1", "a", "1 ", "0-4096", "99999999999"}) {
    EXPECT_EQ(parse_cpu_list(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace poolbench::scenario
