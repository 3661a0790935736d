#include "scenario/target_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "base/file.h"
#include "scenario/expand_fixture.h"
#include "scenario/target_params.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

struct ReadTarget {
  std::optional<TargetSpec> spec;
  std::vector<std::string> mistakes;
};

ReadTarget read_target(const std::string& text) {
  Mistakes mistakes;
  ReadTarget result{read_target(source_of(text), "/srv/web", mistakes), {}};
  for (const Diagnostic& d : mistakes.in_order()) {
    result.mistakes.push_back(std::to_string(d.line) + ": " + d.message);
  }
  return result;
}

/// The least a target must say, so that a mistake in `more` is the only one.
ReadTarget read_with(const std::string& more) {
  return read_target(
      "schema = 1\nname = \"w\"\ndefault_endpoint = \"q\"\n"
      "serve = { command = [\"run\"] }\nendpoint.q = { path = \"/\" }\n" +
      more);
}

TEST(TargetFile, ReadsEverythingATargetDeclares) {
  const ReadTarget r =
      read_target(base::read_file(testdata() + "/targets/web/target.toml").value());
  ASSERT_THAT(r.mistakes, IsEmpty());
  const TargetSpec& spec = *r.spec;
  EXPECT_EQ(spec.name, "web");
  EXPECT_EQ(spec.folder, "/srv/web");
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
  EXPECT_EQ(spec.serve.folder, "/srv/web/app");
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
              ElementsAre("6: params.p has neither argument nor environment"));
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
    return is_broken(rule, {{"pool", pool}, {"age", age}});
  };
  EXPECT_TRUE(broken(true, 60));
  EXPECT_TRUE(broken(base::Json::object({{"max_size", 4}}), "forever"));
  EXPECT_FALSE(broken(false, 60));
  EXPECT_FALSE(broken(true, 0));
}

}  // namespace
}  // namespace poolbench::scenario
