#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "base/file.h"
#include "e2e/fixture.h"
#include "service/postgres/installation.h"

namespace poolbench::e2e {
namespace {

constexpr const char* kCitiesTarget = R"(
schema = 2
name = "cities"
default_endpoint = "rows"

[params.greeting]
type = "string"
default = "hello"

[file.config]
template = "toy.conf.in"

[data]
@inputs@
folder = "data"
environment = { ROWS = "{data.params.rows}", MADE = "@made@" }
commands = [["sh", "make.sh", "{arguments}"], ["sh", "-c", "echo made >> $MADE"]]

[data.params.rows]
type = "integer"
default = 10
min = 1
argument = ["{value}"]

[serve]
command = ["@program@", "--port", "{port}", "--config", "{file.config}"]

[endpoint.rows]
path = "/rows?of={data.params.rows}"
expect = { contains = "rows: {data.params.rows};" }

[endpoint.config]
path = "/config"
database = false
expect = { contains = "hello {data.params.rows} on port " }
)";

constexpr const char* kCitiesScenario = R"(
schema = 1
name = "cities"
target.use = "./cities"

[load]
connections = 1
warmup = "20ms"
measure = "100ms"

[design]
blocks = 1
)";

/// A target whose data are made by a script: each making leaves a line in a file.
class KeptDataTest : public E2eTest {
 protected:
  KeptDataTest() {
    fs::create_directories(folder_ / "cities" / "data");
    write("cities/data/make.sh",
          fmt::format(
              "test \"$1\" = \"$ROWS\" && '{}' -q -v ON_ERROR_STOP=1 -c 'CREATE TABLE city AS "
              "SELECT generate_series(1, '$ROWS') AS id'\n",
              (service::find_postgres({}).value() / "psql").string()));
    write("cities/toy.conf.in", "{params.greeting} {data.params.rows} on port {port} {{port}}\n");
    write_target("inputs = [\"data\"]");
    write("cities.toml", kCitiesScenario);
  }

  void write(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(base::write_file_atomically(folder_ / name, text));
  }
  void write_target(const std::string& inputs) const {
    std::string text = kCitiesTarget;
    const auto fill = [&](const std::string& place, const std::string& value) {
      text.replace(text.find(place), place.size(), value);
    };
    fill("@inputs@", inputs);
    fill("@made@", (folder_ / "made").string());
    fill("@program@", POOLBENCH_TOY_SERVER);
    write("cities/target.toml", text);
  }

  /// How often data were made so far.
  [[nodiscard]] std::ptrdiff_t made() const {
    return std::ranges::count(base::read_file(folder_ / "made").value_or(""), '\n');
  }
  [[nodiscard]] std::map<std::string, std::string> cache() const {
    return {{"POOLBENCH_CACHE", (folder_ / "cache").string()}};
  }

  /// Runs it to its end and returns the report; fails the test where a cell is not ok.
  base::Json run_cities(std::vector<std::string> options = {}) {
    fs::remove_all(results());
    options.emplace_back("--wait=60s");  // another run may begin at any time
    Program program = run(folder_ / "cities.toml", options, cache());
    EXPECT_EQ(program.wait(std::chrono::seconds(150)), exited(0)) << program.err();
    out_ = program.out();
    err_ = program.err();
    expect_nothing_left(program);
    return report();
  }
  /// Of the only data set.
  static base::Json data_of(const base::Json& report) {
    const auto& sets = report.at("environment").at("target").at("data_sets");
    EXPECT_EQ(sets.size(), 1U);
    return sets.at(0);
  }
  std::string plan() {
    Program program = start({"plan", (folder_ / "cities.toml").string()}, cache());
    EXPECT_EQ(program.wait(), exited(0)) << program.err();
    return program.out();
  }

  std::string out_, err_;
};

TEST_F(KeptDataTest, AreMadeOnceAndTheNextRunUsesThemAndSaysSo) {
  EXPECT_THAT(plan(), HasSubstr("Making the data of target cities, rows=10 is not counted"));
  const auto first = data_of(run_cities());
  EXPECT_EQ(made(), 1);
  EXPECT_EQ(first.at("kept"), false);
  EXPECT_THAT(out_, Not(HasSubstr("kept from")));
  EXPECT_THAT(plan(), HasSubstr("The data of target cities, rows=10 are kept"));

  const auto second = data_of(run_cities());
  EXPECT_EQ(made(), 1);
  EXPECT_EQ(second.at("kept"), true);
  EXPECT_EQ(second.at("made_at"), first.at("made_at"));
  EXPECT_EQ(second.at("seconds"), first.at("seconds"));
  EXPECT_EQ(second.at("params"), base::Json({{"rows", 10}}));
  EXPECT_THAT(out_, HasSubstr("The data of target cities, rows = 10 were kept from 20"));

  const auto fresh = data_of(run_cities({"--fresh-data"}));
  EXPECT_EQ(made(), 2);
  EXPECT_EQ(fresh.at("kept"), false);
  const auto after = data_of(run_cities());
  EXPECT_EQ(made(), 2);
  EXPECT_EQ(after.at("made_at"), fresh.at("made_at"));
  EXPECT_GT(after.at("made_at"), first.at("made_at"));

  std::ofstream(folder_ / "cities" / "data" / "make.sh", std::ios::app) << "# another\n";
  EXPECT_THAT(plan(), HasSubstr("Making the data of target cities, rows=10 is counted with"));
  EXPECT_EQ(data_of(run_cities()).at("kept"), false);
  EXPECT_EQ(made(), 3);
}

TEST_F(KeptDataTest, EachSizeHasADataSetOfItsOwn) {
  const auto report = run_cities({"--set", "matrix.data.params.rows=[10, 20]"});
  EXPECT_EQ(report.at("cells").size(), 2U);
  EXPECT_EQ(made(), 2);
  EXPECT_EQ(report.at("environment").at("target").at("data_sets").size(), 2U);
  EXPECT_EQ(report.at("cells").at(1).at("config").at("data").at("params").at("rows"), 20);

  // One is there, the other has to be made; both are kept then.
  const auto more = run_cities({"--set", "matrix.data.params.rows=[20, 30]"});
  EXPECT_EQ(made(), 3);
  const auto& sets = more.at("environment").at("target").at("data_sets");
  EXPECT_EQ(sets.at(0).at("kept"), true);
  EXPECT_EQ(sets.at(1).at("kept"), false);
  run_cities({"--set", "data.params.rows=30"});
  run_cities({"--set", "data.params.rows=10"});
  EXPECT_EQ(made(), 3);
}

TEST_F(KeptDataTest, WithoutInputsTheyAreMadeInEachRunAndPlanKnowsHowLongThatTakes) {
  write_target("");
  EXPECT_EQ(data_of(run_cities()).at("kept"), false);
  EXPECT_EQ(data_of(run_cities()).at("kept"), false);
  EXPECT_EQ(made(), 2);
  EXPECT_THAT(plan(), HasSubstr("Making the data of target cities, rows=10 is counted with"));
}

TEST_F(KeptDataTest, WhatCannotBeKeptIsNoFailure) {
  fs::create_directories(folder_ / "cache");
  std::ofstream(folder_ / "cache" / "data") << "in the way";
  run_cities();
  EXPECT_THAT(out_, HasSubstr("the data could not be kept for later runs: cannot make"));
  run_cities();
  EXPECT_EQ(made(), 2);
}

TEST_F(KeptDataTest, ADamagedClusterIsAsGoodAsNone) {
  run_cities();
  for (const auto& kept : fs::directory_iterator(folder_ / "cache" / "data")) {
    fs::remove_all(kept.path() / "cluster");
  }
  EXPECT_EQ(data_of(run_cities()).at("kept"), false);
  EXPECT_EQ(made(), 2);
}

TEST_F(KeptDataTest, FilesAreRenderedForEachTrial) {
  const auto report =
      run_cities({"--set", "target.endpoint=config", "--set", "data.params.rows=7"});
  const auto trial = report.at("cells").at(0).at("trials").at(0).at("folder").get<std::string>();
  EXPECT_THAT(base::read_file(report_file().parent_path() / trial / "files" / "toy.conf").value(),
              testing::MatchesRegex("hello 7 on port [0-9]+ \\{port\\}\n"));
  const auto& templates = report.at("environment").at("target").at("file_templates");
  EXPECT_EQ(templates.at("config"),
            base::sha256_hex(base::read_file(folder_ / "cities" / "toy.conf.in").value()));
}

TEST_F(KeptDataTest, AMistakeInATemplateIsSaidBeforeAnythingIsStarted) {
  write("cities/toy.conf.in", "{params.greeting} {data.params.rows}\nlisten {prot}\n");
  Program program = run(folder_ / "cities.toml", {}, cache());
  EXPECT_EQ(program.wait(), exited(2));
  EXPECT_THAT(program.err(), AllOf(HasSubstr("toy.conf.in:2:8: {prot} is no placeholder here"),
                                   HasSubstr("did you mean {port}?"), HasSubstr("{{prot}}")));
  EXPECT_FALSE(fs::exists(results()));
}

}  // namespace
}  // namespace poolbench::e2e
