#include "scenario/target/target_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "base/file.h"
#include "scenario/expand_fixture.h"
#include "scenario/target/target_params.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

struct ReadTarget {
  std::optional<TargetSpec> spec;
  std::vector<std::string> mistakes;
};

ReadTarget read_target(const std::string& text, const std::string& folder = "/srv/web") {
  Mistakes mistakes;
  ReadTarget result{read_target(source_of(text), folder, mistakes), {}};
  for (const Diagnostic& d : mistakes.in_order()) {
    result.mistakes.push_back(std::to_string(d.line) + ": " + d.message);
  }
  return result;
}

/// The least a target must say, so that a mistake in `more` is the only one.
ReadTarget read_with(const std::string& more) {
  return read_target(
      "schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\n"
      "serve = { command = [\"run\"] }\nendpoint.q = { path = \"/\" }\n" +
      more);
}

TEST(TargetFile, ReadsEverythingATargetDeclares) {
  const std::string folder = testdata() + "/targets/web";
  const ReadTarget r = read_target(base::read_file(folder + "/target.toml").value(), folder);
  ASSERT_THAT(r.mistakes, IsEmpty());
  const TargetSpec& spec = *r.spec;
  EXPECT_EQ(spec.name, "web");
  EXPECT_EQ(spec.folder, folder);
  EXPECT_EQ(spec.default_endpoint, "query");
  EXPECT_THAT(names_of(spec.params),
              ElementsAre("conn_max_age", "database_settings", "pool", "worker_class", "workers"));
  EXPECT_EQ(spec.params.at("workers").default_value, 2);
  EXPECT_EQ(spec.params.at("workers").max, 64);
  EXPECT_THAT(spec.params.at("workers").argument, ElementsAre("--workers", "{value}"));
  EXPECT_EQ(spec.params.at("pool").environment, "WEB_POOL");
  EXPECT_THAT(spec.params.at("pool").types, ElementsAre("boolean", "table"));
  ASSERT_EQ(spec.rules.size(), 1U);
  EXPECT_TRUE(spec.rules.front().when.front().negated);
  EXPECT_EQ(spec.rules.front().next, "set conn_max_age = 0, or pool = false");
  EXPECT_THAT(spec.prepare.command, ElementsAre("./prepare", "{prepared}"));
  EXPECT_EQ(spec.prepare.timeout, 10min);
  EXPECT_EQ(spec.data.commands.size(), 2U);
  EXPECT_THAT(spec.serve.command, Contains("{arguments}"));
  EXPECT_EQ(spec.serve.folder, folder + "/app");
  EXPECT_EQ(spec.serve.environment.at("MODE"), "production");
  EXPECT_EQ(spec.serve.stop_signal, SIGQUIT);
  EXPECT_EQ(spec.serve.stop_grace, 3s);
  EXPECT_EQ(spec.ready.endpoint, "no-db");
  EXPECT_EQ(spec.ready.timeout, 20s);
  EXPECT_EQ(spec.ready.worker_param, "workers");
  EXPECT_THAT(spec.versions_command, ElementsAre("{prepared}/bin/versions"));
  EXPECT_EQ(spec.endpoints.at("query").expect.json, base::Json({{"last_id", 3000}}));
  EXPECT_FALSE(spec.endpoints.at("no-db").database);
  EXPECT_EQ(spec.endpoints.at("no-db").expect.body, "ok");
}

TEST(TargetFile, NeedsLittle) {
  const ReadTarget r = read_with("");
  ASSERT_THAT(r.mistakes, IsEmpty());
  EXPECT_EQ(r.spec->ready.endpoint, "q");
  EXPECT_EQ(r.spec->serve.folder, "/srv/web/");
  EXPECT_EQ(r.spec->serve.stop_signal, SIGTERM);
  EXPECT_THAT(r.spec->prepare.command, IsEmpty());
}

TEST(TargetFile, NamesTheExtensionsThatASuperuserMakes) {
  EXPECT_THAT(read_with("data.extensions = [\"pg_trgm\", \"citext\"]\n").spec->data.extensions,
              ElementsAre("pg_trgm", "citext"));
}

TEST(TargetFile, SaysWhatIsMissing) {
  EXPECT_THAT(read_target("").mistakes,
              ElementsAre("1: schema is missing", "1: name is missing", "1: endpoint is missing",
                          "1: default_endpoint is missing", "1: serve.command is missing"));
}

TEST(TargetFile, RefusesNamesThatLeadNowhere) {
  EXPECT_THAT(read_with("[ready]\nendpoint = \"qq\"").mistakes,
              ElementsAre("7: ready.endpoint names no endpoint: \"qq\""));
  EXPECT_THAT(read_with("[ready]\nworker_param = \"w\"").mistakes,
              ElementsAre("7: ready.worker_param names no parameter: \"w\""));
  EXPECT_THAT(read_with("[[rule]]\nwhen = { poll = true }\nmessage = \"m\"").mistakes,
              ElementsAre("7: rule.when.poll: the target has no such parameter"));
}

TEST(TargetFile, SaysHowItIsSeenThatEveryWorkerHasStarted) {
  const std::string workers = "[params.w]\ntype = \"integer\"\ndefault = 2\nenvironment = \"W\"\n";
  const ReadTarget by_connections = read_with(workers + "[ready]\nworker_param = \"w\"");
  ASSERT_THAT(by_connections.mistakes, IsEmpty());
  EXPECT_EQ(by_connections.spec->ready.settle, 0s);
  const ReadTarget settles =
      read_with(workers + "[ready]\nworker_param = \"w\"\nsettle = \"1.5s\"");
  ASSERT_THAT(settles.mistakes, IsEmpty());
  EXPECT_EQ(settles.spec->ready.settle, 1500ms);
  EXPECT_THAT(read_with("[ready]\nworker_header = \"X-W\"\nsettle = \"3s\"").mistakes,
              ElementsAre("8: ready.settle cannot stand beside worker_header"));
  EXPECT_THAT(read_with("[ready]\nsettle = \"0s\"").mistakes, testing::SizeIs(1));
}

TEST(TargetFile, RefusesADefaultThatItsOwnParameterWouldRefuse) {
  const auto mistake = [](const std::string& param) {
    return read_with("[params.p]\n" + param + "\nenvironment = \"P\"").mistakes;
  };
  EXPECT_THAT(mistake("type = \"integer\"\ndefault = \"2\""),
              ElementsAre("8: params.p.default must be of type integer, found the string \"2\""));
  EXPECT_THAT(mistake("type = \"integer\"\ndefault = 2\nmin = 3"),
              ElementsAre("8: params.p.default must be at least 3, found the number 2"));
  EXPECT_THAT(mistake("type = \"string\"\ndefault = \"c\"\nchoices = [\"a\", \"b\"]"),
              ElementsAre("8: params.p.default must be one of a, b, found the string \"c\""));
  EXPECT_THAT(mistake("type = \"number\"\ndefault = 2"), IsEmpty());
  EXPECT_THAT(mistake("type = \"int\"\ndefault = 2"),
              Contains("7: params.p.type cannot be \"int\""));
  EXPECT_THAT(mistake("type = \"table\""), ElementsAre("6: params.p.default is missing"));
}

TEST(TargetFile, RefusesAParameterThatCannotReachTheProcess) {
  const std::string param = "[params.p]\ntype = \"integer\"\ndefault = 2\n";
  EXPECT_THAT(read_with(param).mistakes,
              ElementsAre("6: params.p has none of argument, flag and environment"));
  EXPECT_THAT(read_with(param + "argument = [\"--p\"]").mistakes,
              ElementsAre("9: params.p.argument has no {value}"));
}

TEST(TargetFile, NamesTheVariablesThatItsProgramsInherit) {
  // Before the first table, where its keys are the file's own.
  const auto read_inheriting = [](const std::string& names) {
    return read_target("inherit = [" + names +
                       "]\nschema = 1\nname = \"w\"\ndefault_endpoint = \"q\"\n"
                       "serve = { command = [\"run\"] }\nendpoint.q = { path = \"/\" }\n");
  };
  EXPECT_THAT(read_inheriting("\"APP_MODE\", \"APP_*\"").spec->inherit,
              ElementsAre("APP_MODE", "APP_*"));
  EXPECT_THAT(read_inheriting("").spec->inherit, IsEmpty());
  for (const std::string name : {"", "*", "A=b", "A*B", "A B", "A**", "PGSERVICE"}) {
    EXPECT_THAT(read_inheriting("\"" + name + "\"").mistakes,
                ElementsAre("1: inherit cannot hold \"" + name + "\""));
  }
  EXPECT_THAT(read_inheriting("1").mistakes,
              ElementsAre("1: inherit must be a list of strings, found the number 1"));
}

TEST(TargetFile, TakesAFlagForABooleanAlone) {
  const auto param = [](const std::string& type, const std::string& value, const std::string& way) {
    return read_with("[params.p]\ntype = " + type + "\ndefault = " + value + "\n" + way);
  };
  const auto good = param("\"boolean\"", "false", "flag = \"--p\"");
  ASSERT_THAT(good.mistakes, IsEmpty());
  EXPECT_EQ(good.spec->params.at("p").flag, "--p");
  EXPECT_THAT(param("\"integer\"", "1", "flag = \"--p\"").mistakes,
              ElementsAre("9: params.p.flag is for a parameter of type \"boolean\" alone"));
  EXPECT_THAT(param("\"boolean\"", "true", "flag = \"--p={value}\"").mistakes,
              ElementsAre("9: params.p.flag is one word, which is there when the value is true"));
}

TEST(TargetFile, KnowsWhichStringsReachTheEnvironmentInQuotes) {
  const auto quoted = [](const std::string& schema) {
    return quoted_in_environment(
        *read_target(
             "schema = " + schema +
             "\nname = \"w\"\ndefault_endpoint = \"q\"\nserve.command = [\"run\"]\n"
             "endpoint.q = { path = \"/\" }\n"
             "params.mode = { type = \"string\", default = \"a\", environment = \"MODE\" }\n"
             "params.age = { type = [\"integer\", \"string\"], default = 0, environment = "
             "\"AGE\" }\n"
             "params.n = { type = \"integer\", default = 0, environment = \"N\" }\n"
             "params.word = { type = \"string\", default = \"\", argument = [\"{value}\"] }\n")
             .spec);
  };
  EXPECT_THAT(quoted("1"), ElementsAre("age", "mode"));
  EXPECT_THAT(quoted("2"), IsEmpty());
}

TEST(TargetFile, SaysHowANumberIsWrittenAsText) {
  Mistakes mistakes;
  ParameterSpec spec;
  spec.types = {"string"};
  Setting value;
  value.kind = Setting::Kind::kInteger;
  value.scalar = 1;
  value.place.source = std::make_shared<const Source>(Source{"--set", "target.params.p=1", true});
  EXPECT_FALSE(check_parameter(spec, "target.params.p", value, mistakes));
  EXPECT_EQ(mistakes.in_order().front().next, "write --set 'target.params.p=\"1\"'");
}

TEST(TargetFile, RefusesWhatCannotBeAVariable) {
  EXPECT_THAT(
      read_with("[params.p]\ntype = \"integer\"\ndefault = 1\nenvironment = \"A=B\"").mistakes,
      ElementsAre("9: params.p.environment cannot set a variable called \"A=B\""));
}

TEST(TargetFile, RefusesInputsThatMatchNothing) {
  const std::string text =
      "schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\nserve.command = [\"run\"]\n"
      "endpoint.q = { path = \"/\" }\n"
      "prepare = { command = [\"make\"], inputs = [\"requirements.lock\", \"lock\"] }\n"
      "data = { commands = [[\"psql\"]], inputs = [\"app\", \"sede.sql\"] }\n";
  EXPECT_THAT(read_target(text, testdata() + "/targets/web").mistakes,
              ElementsAre("6: prepare.inputs: \"lock\": there is no such file or folder",
                          "7: data.inputs: \"sede.sql\": there is no such file or folder"));
}

TEST(TargetFile, TellsNoInputsFromInputsThatNobodyNamed) {
  const std::string command = "commands = [[\"psql\"]]";
  EXPECT_FALSE(read_with("data = { " + command + " }").spec->data.inputs);
  EXPECT_THAT(*read_with("data = { inputs = [], " + command + " }").spec->data.inputs, IsEmpty());
  EXPECT_THAT(*read_with("").spec->data.inputs, IsEmpty());
}

TEST(TargetFile, RefusesPlaceholdersThatNothingFills) {
  const std::string text =
      "schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\n"
      "[serve]\ncommand = [\"run\", \"{host}:{prot}\", '{\"a\": {port}}']\n"
      "environment = { A = \"ü ${x} {{y}} {foo}\" }\n"
      "[prepare]\ncommand = [\"make\", \"{port}\"]\n"
      "[data]\ncommands = [[\"psql\", \"{database_url}\"], [\"seed\", \"\\u0041{nonce}\"]]\n"
      "[params.p]\ntype = \"string\"\ndefault = \"\"\nargument = [\"{value}{vlaue}\"]\n"
      "[versions]\ncommand = [\"{prepared}/bin\", \"{host}\"]\n"
      "[endpoint.q]\npath = \"/product/{rand}?{nonce}\"\nexpect = { contains = \"{id}\" }\n";
  Mistakes mistakes;
  EXPECT_FALSE(read_target(source_of(text), "/srv/web", mistakes));
  std::vector<std::string> found;
  for (const Diagnostic& d : mistakes.in_order()) {
    found.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.message);
  }
  EXPECT_THAT(found, ElementsAre("5:27 serve.command: {prot} is no placeholder here",
                                 "6:35 serve.environment.A: {foo} is no placeholder here",
                                 "8:21 prepare.command: {port} is no placeholder here",
                                 "10:50 data.commands: {nonce} is no placeholder here",
                                 "14:21 params.p.argument: {vlaue} is no placeholder here",
                                 "16:31 versions.command: {host} is no placeholder here",
                                 "18:18 endpoint.q.path: {rand} is no placeholder here",
                                 "19:24 endpoint.q.expect.contains: {id} is no placeholder here"));
  EXPECT_THAT(mistakes.in_order().front().next, testing::HasSubstr("did you mean {port}?"));
}

TEST(TargetFile, TakesABodyAsItStandsWhereNothingFillsIt) {
  const auto endpoint = [](const std::string& body) {
    return read_with("endpoint.r = { path = \"/\", expect = { body = '" + body + "' } }");
  };
  EXPECT_EQ(endpoint(R"({"a": {{b}}})").spec->endpoints.at("r").expect.body, R"({"a": {b}})");
  EXPECT_THAT(endpoint("id={nonce}").mistakes,
              ElementsAre("6: endpoint.r.expect.body: {nonce} is no placeholder here"));
}

TEST(TargetFile, TakesTheArgumentsAsOneWholeWordAndOnce) {
  const auto mistakes = [](const std::string& command) {
    return read_target(
               "schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\n"
               "endpoint.q = { path = \"/\" }\nserve.command = " +
               command)
        .mistakes;
  };
  EXPECT_THAT(mistakes("[\"run\", \"{arguments}\"]"), IsEmpty());
  EXPECT_THAT(mistakes("[\"sh\", \"-c\", \"run {arguments}\"]"),
              ElementsAre("5: serve.command holds {arguments} inside of a word"));
  EXPECT_THAT(mistakes("[\"run\", \"{arguments}\", \"{arguments}\"]"),
              ElementsAre("5: serve.command holds {arguments} twice"));
}

TEST(TargetFile, RefusesAnEndpointThatExpectsTwoThings) {
  EXPECT_THAT(
      read_with("endpoint.r = { path = \"r\", expect = { body = \"a\", length = 1 } }").mistakes,
      ElementsAre("6: endpoint.r.path must start with \"/\"",
                  "6: endpoint.r.expect may have only one of body, json, contains and length"));
}

TEST(TargetFile, RefusesCommandsThatAreNotListsOfStrings) {
  EXPECT_THAT(read_with("data.commands = [\"migrate\", [1]]").mistakes,
              testing::Each(testing::HasSubstr("data.commands must be a list of commands")));
  EXPECT_THAT(read_with("prepare.command = \"make\"").mistakes,
              Contains("6: prepare.command must be a list, found the string \"make\""));
}

TEST(Rule, IsBrokenOnlyWhenEveryConditionHolds) {
  const RuleSpec rule{{{"pool", false, true}, {"age", 0, true}}, "", ""};
  const auto broken = [&](const base::Json& pool, const base::Json& age) {
    return all_hold(rule.when, {{"pool", pool}, {"age", age}});
  };
  EXPECT_TRUE(broken(true, 60));
  EXPECT_TRUE(broken(base::Json::object({{"max_size", 4}}), "forever"));
  EXPECT_FALSE(broken(false, 60));
  EXPECT_FALSE(broken(true, 0));
}

}  // namespace
}  // namespace poolbench::scenario
