#include "scenario/target/target_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "scenario/expand_fixture.h"

namespace poolbench::scenario {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Reads a target.toml with one line for each of the first four of its tables, below which
/// everything of a test begins: at line 6.
class TargetDataTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "conf"); }

  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(base::write_file_atomically(folder_ / name, text));
  }

  std::optional<TargetSpec> read(const std::string& more,
                                 const std::string& serve = R"(command = ["run"])") {
    Mistakes mistakes;
    const auto source = std::make_shared<const Source>(
        Source{"web/target.toml",
               "schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\nserve = { " + serve +
                   " }\nendpoint.q = { path = \"/\" }\n" + more,
               false});
    auto spec = read_target(source, folder_, mistakes);
    mistakes_ = mistakes.in_order();
    return spec;
  }
  /// "file:line:column message" of each.
  std::vector<std::string> mistakes(const std::string& more,
                                    const std::string& serve = R"(command = ["run"])") {
    read(more, serve);
    std::vector<std::string> lines;
    for (const Diagnostic& d : mistakes_) {
      lines.push_back(d.file + ":" + std::to_string(d.line) + ":" + std::to_string(d.column) + " " +
                      d.message);
    }
    return lines;
  }

  base::TemporaryFolder folder_;
  std::vector<Diagnostic> mistakes_;
};

constexpr const char* kRows = "[data.params.rows]\ntype = \"integer\"\ndefault = 1000\nmin = 1\n";

TEST_F(TargetDataTest, ReadsFolderEnvironmentAndParameters) {
  fs::create_directories(folder_ / "seed");
  const auto spec = read(R"(
[data]
inputs = []
folder = "seed"
environment = { ROWS = "{data.params.rows}", URL = "{database_url}" }
commands = [["migrate"], ["seed", "{arguments}", "--in={prepared}"]]
[data.params.rows]
type = "integer"
default = 1000
[data.params.fast]
type = "boolean"
default = false
flag = "--fast"
)");
  ASSERT_TRUE(spec) << to_text(mistakes_);
  EXPECT_EQ(spec->data.folder, folder_ / "seed");
  EXPECT_EQ(spec->data.environment.at("ROWS"), "{data.params.rows}");
  EXPECT_EQ(spec->data.params.at("rows").default_value, 1000);
  EXPECT_EQ(spec->data.params.at("fast").flag, "--fast");
  EXPECT_EQ(read("")->data.folder, folder_ / "");
}

TEST_F(TargetDataTest, ItsParametersArePlaceholdersOfRequestsAndTheServerToo) {
  const auto spec = read(std::string("endpoint.n = { path = \"/n?of={data.params.rows}\", expect = "
                                     "{ contains = \"{data.params.rows}\" } }\n") +
                             kRows,
                         R"(command = ["run", "{data.params.rows}"])");
  EXPECT_TRUE(spec) << to_text(mistakes_);
  EXPECT_THAT(mistakes(std::string("endpoint.n = { path = \"/n?of={data.params.row}\" }\n") + kRows,
                       R"(command = ["run", "{data.params.rows}"])"),
              ElementsAre("web/target.toml:6:30 endpoint.n.path: {data.params.row} is no "
                          "placeholder here"));
  EXPECT_THAT(mistakes_.front().next, HasSubstr("did you mean {data.params.rows}?"));
}

TEST_F(TargetDataTest, SaysWhatIsWrongWhereItStands) {
  EXPECT_THAT(
      mistakes("[data]\nenvironment = { A = \"{port}\" }"),
      ElementsAre("web/target.toml:7:22 data.environment.A: {port} is no placeholder here"));
  EXPECT_THAT(mistakes("[data]\ncommands = [[\"a\", \"{data.params.x}\"]]"),
              ElementsAre("web/target.toml:7:20 data.commands: {data.params.x} is no placeholder "
                          "here"));
  EXPECT_THAT(mistakes("[data]\nfolder = 3\nenvironmnt = {}"),
              ElementsAre("web/target.toml:7:10 data.folder must be a string, found the number 3",
                          "web/target.toml:8:1 unknown key data.environmnt"));
  EXPECT_THAT(mistakes("[data]\ncommands = [[\"a\", \"x{arguments}\"]]"),
              ElementsAre("web/target.toml:7:13 data.commands holds {arguments} inside of a word"));
  EXPECT_THAT(mistakes("[data.params.rows]\ntype = \"integer\"\ndefault = 0\nmin = 1\n"
                       "environment = \"ROWS\""),
              ElementsAre("web/target.toml:8:11 data.params.rows.default must be at least 1, found "
                          "the number 0"));
}

TEST_F(TargetDataTest, OfSeveralCommandsOneSaysThatItTakesTheArguments) {
  const std::string rows = std::string(kRows) + "argument = [\"--rows\", \"{value}\"]\n";
  EXPECT_THAT(
      mistakes("[data]\ncommands = [[\"a\"], [\"b\"]]\n" + rows),
      ElementsAre("web/target.toml:7:12 data.commands has no {arguments}: which of them gets "
                  "the words of data.params.rows?"));
  EXPECT_TRUE(read("[data]\ncommands = [[\"a\"], [\"b\", \"{arguments}\"]]\n" + rows));
  EXPECT_TRUE(read("[data]\ncommands = [[\"a\"]]\n" + rows));
}

TEST_F(TargetDataTest, AParameterThatNobodyReadsIsAMistake) {
  EXPECT_THAT(mistakes(kRows), ElementsAre("web/target.toml:6:1 data.params.rows has none of "
                                           "argument, flag and environment"));
  EXPECT_THAT(mistakes_.front().next, HasSubstr("{data.params.rows}"));
  const std::string size = "[params.size]\ntype = \"integer\"\ndefault = 1\n";
  EXPECT_THAT(mistakes(size), ElementsAre(HasSubstr("params.size has none of")));
  EXPECT_TRUE(read(size, R"(command = ["run", "{params.size}"])"));
  write("size.conf.in", "size = {params.size}\n");
  const std::string file = "[file.conf]\ntemplate = \"size.conf.in\"\n";
  EXPECT_TRUE(read(size + file, R"(command = ["run", "{file.conf}"])"));
  EXPECT_THAT(mistakes(size + file), ElementsAre(HasSubstr("file.conf is rendered, and nothing "
                                                           "names it")));
}

TEST_F(TargetDataTest, AFileIsItsTemplateUnderTheNameOfTheResult) {
  const std::string text = "size = {params.size}\nlisten {port};\nother = {file.other}\n";
  write("conf/server.ini.in", text);
  write("other.json", R"({"a": {"b": [1, {}]}, "re": "[a-z]{2}", "v": "$" , "t": {params.size}})");
  const auto spec = read(R"([params.size]
type = "integer"
default = 1
argument = ["--config", "{file.server}", "--size", "{value}"]
[file.server]
template = "conf/server.ini.in"
[file.other]
template = "other.json"
)",
                         R"(command = ["run", "{file.server}"])");
  ASSERT_TRUE(spec) << to_text(mistakes_);
  EXPECT_EQ(spec->files.at("server").file_name, "server.ini");
  EXPECT_EQ(spec->files.at("server").text, text);
  EXPECT_EQ(spec->files.at("server").sha256, base::sha256_hex(text));
  EXPECT_EQ(spec->files.at("other").file_name, "other.json");
}

TEST_F(TargetDataTest, APlaceholderThatATemplateDoesNotKnowIsAMistakeInTheTemplate) {
  write("a.conf.in", "# über {{port}} ${port}\nserver { listen {prot}; }\n\n  x = {params.size}");
  EXPECT_THAT(mistakes("[file.a]\ntemplate = \"a.conf.in\"\n"),
              ElementsAre("web/a.conf.in:2:17 {prot} is no placeholder here",
                          "web/a.conf.in:4:7 {params.size} is no placeholder here"));
  EXPECT_EQ(mistakes_.front().source_line, "server { listen {prot}; }");
  EXPECT_THAT(mistakes_.front().next,
              AllOf(HasSubstr("did you mean {port}?"), HasSubstr("{pgdatabase}"),
                    HasSubstr("{file.a}"), HasSubstr("is written {{prot}}")));
}

TEST_F(TargetDataTest, SaysWhatIsWrongWithAFile) {
  EXPECT_THAT(mistakes("[file.a]\ntemplate = \"absent.in\"\n[params.size]\ntype = \"integer\"\n"
                       "default = 1\n"),
              ElementsAre("web/target.toml:7:12 file.a.template names no file"));
  EXPECT_THAT(mistakes("[file.a]\ntemplate = \"conf\"\n"),
              ElementsAre("web/target.toml:7:12 file.a.template names no plain file"));
  write("large.in", std::string((1U << 20U) + 1, ' '));
  EXPECT_THAT(mistakes("[file.a]\ntemplate = \"large.in\"\n"),
              ElementsAre(HasSubstr("file.a.template names a file of 1048577 bytes, more than "
                                    "1048576")));
  write("latin.in", "caf\xe9");
  EXPECT_THAT(mistakes("[file.a]\ntemplate = \"latin.in\"\n"),
              ElementsAre(HasSubstr("file.a.template names a file that is not UTF-8: byte 3")));
  write("a.in", "");
  write("conf/a", "");
  write(".in", "");
  EXPECT_THAT(
      mistakes("[file.a]\ntemplate = \"a.in\"\n[file.b]\ntemplate = \"conf/a\"\n"),
      ElementsAre("web/target.toml:9:12 file.b.template makes a file \"a\", as file.a does"));
  EXPECT_THAT(mistakes("[file.a]\ntemplate = \".in\"\n"),
              ElementsAre(HasSubstr("leaves no name for the file")));
  EXPECT_THAT(mistakes("[file.a-b]\ntemplate = \"a.in\"\n"),
              ElementsAre("web/target.toml:6:7 file.a-b cannot be written as a placeholder"));
  EXPECT_THAT(mistakes("[file.a]\ntemplte = \"a.in\"\n"),
              ElementsAre("web/target.toml:6:1 file.a.template is missing",
                          "web/target.toml:7:1 unknown key file.a.templte"));
  EXPECT_THAT(mistakes("file = 3\n"),
              ElementsAre("web/target.toml:6:8 file must be a table, found the number 3"));
}

TEST_F(TargetDataTest, AFileIsNoPlaceholderWhereThereIsNone) {
  EXPECT_THAT(mistakes("", R"(command = ["run", "{file.server}"])"),
              ElementsAre("web/target.toml:4:30 serve.command: {file.server} is no placeholder "
                          "here"));
}

/// The parameters of data in a scenario, with a target that has one.
class DataParamsTest : public testing::Test {
 protected:
  static tl::expected<Scenario, std::vector<Diagnostic>> expand(const std::string& more,
                                                                const Overrides& overrides = {}) {
    return scenario::expand(
        source_of("schema = 1\nname = \"t\"\ntarget.use = \"w\"\n" + more), all_generators(),
        overrides, [](const Setting&, Mistakes& mistakes) -> std::shared_ptr<const TargetSpec> {
          auto spec =
              read_target(source_of("schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\n"
                                    "serve = { command = [\"run\"] }\nendpoint.q = { path = "
                                    "\"/{data.params.rows}\" }\n" +
                                    std::string(kRows) + "max = 100000\n"),
                          "/srv/web", mistakes);
          return spec ? std::make_shared<const TargetSpec>(*std::move(spec)) : nullptr;
        });
  }
  static base::Json rows(const tl::expected<Scenario, std::vector<Diagnostic>>& scenario,
                         std::size_t cell = 0) {
    return scenario.value().cells.at(cell).target.data_params.at("rows");
  }
};

TEST_F(DataParamsTest, AreSetByTheScenarioByAnAxisAndOnTheCommandLine) {
  EXPECT_EQ(rows(expand("")), 1000);
  EXPECT_EQ(rows(expand("[data]\nparams = { rows = 7 }\n")), 7);
  EXPECT_EQ(rows(expand("", {.set = {"data.params.rows=5"}, .only = {}})), 5);
  const auto varied = expand("[matrix]\n\"data.params.rows\" = [10, 20]\n");
  EXPECT_THAT(ids_of(varied.value()), ElementsAre("rows=10", "rows=20"));
  EXPECT_EQ(rows(varied, 1), 20);
  EXPECT_EQ(varied->cells.at(1).config["data"]["params"]["rows"], 20);
  EXPECT_EQ(varied->effective["data"]["params"]["rows"], 1000);
  EXPECT_EQ(rows(expand("[variant.big]\ndata.params.rows = 9\n[matrix]\nvariant = [\"big\"]")), 9);
}

TEST_F(DataParamsTest, AreCheckedAsTheTargetsAre) {
  EXPECT_THAT(mistakes_in(expand("[data]\nparams = { rows = 0 }\n")),
              ElementsAre("5:19 data.params.rows must be at least 1, found the number 0"));
  EXPECT_THAT(mistakes_in(expand("[data]\nparams = { rowz = 1 }\n")),
              ElementsAre("5:12 unknown key data.params.rowz: target w has no such parameter"));
  EXPECT_THAT(mistakes_in(expand("[data]\nparam = {}\n")),
              ElementsAre("5:1 unknown key data.param"));
  EXPECT_THAT(mistakes_in(expand("[matrix]\n\"data.params.rows\" = [10, \"x\"]\n")),
              ElementsAre("5:27 data.params.rows must be of type integer, found the string \"x\""));
}

TEST_F(DataParamsTest, AreLeftOutOfTheSettingsOfATargetThatHasNone) {
  const auto scenario = expand_body("");
  EXPECT_FALSE(scenario.value().cells.front().config.contains("data"));
  EXPECT_THAT(mistakes_in(expand_body("data.params.rows = 3\n")),
              ElementsAre("4:13 unknown key data.params.rows: target web has no such parameter"));
}

TEST_F(DataParamsTest, AskNothingOfAGenerator) {
  Generators simple{{.name = "native"}};
  simple.front().any_time = true;
  const auto scenario = scenario::expand(
      source_of("schema = 1\nname = \"t\"\ntarget.use = \"w\"\n"), simple, {},
      [](const Setting&, Mistakes& mistakes) {
        return std::make_shared<const TargetSpec>(
            read_target(source_of("schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\nserve = { "
                                  "command = [\"run\"] }\nendpoint.q = { path = "
                                  "\"/{data.params.rows}\" }\n" +
                                  std::string(kRows)),
                        "/srv/web", mistakes)
                .value());
      });
  EXPECT_THAT(mistakes_in(scenario), IsEmpty());
}

}  // namespace
}  // namespace poolbench::scenario
