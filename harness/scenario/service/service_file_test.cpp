#include "scenario/service/service_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/expand_fixture.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// The shortest head; what a test says stands from line 3 on.
constexpr const char* kServiceHead = "schema = 1\nname = \"s\"\n";
constexpr const char* kLeadsOn =
    "[serve]\ncommand = [\"sh\", \"{upstream.host}:{upstream.port}\", \"{host}:{port}\"]\n";

std::vector<std::string> service_mistakes(const std::string& rest) {
  Mistakes mistakes;
  read_service(source_of(kServiceHead + rest), testdata(), mistakes);
  std::vector<std::string> found;
  for (const Diagnostic& d : mistakes.in_order()) {
    found.push_back(fmt::format("{}:{} {}", d.line, d.column, d.message));
  }
  return found;
}

std::optional<ServiceSpec> service_of(const std::string& rest) {
  Mistakes mistakes;
  auto service = read_service(source_of(kServiceHead + rest), testdata(), mistakes);
  EXPECT_TRUE(service) << to_text(mistakes.in_order());
  return service;
}

TEST(ServiceFile, WhoNamesAnUpstreamLeadsToPostgres) {
  const auto between = service_of(kLeadsOn);
  EXPECT_TRUE(between->takes_upstream && between->ready.by_postgres && between->any_database);
  EXPECT_FALSE(between->only_tcp || between->speaks_tls || between->serve.unix_socket);
  const auto beside = service_of("[serve]\ncommand = [\"sh\", \"{port}\"]\n");
  EXPECT_FALSE(beside->takes_upstream || beside->ready.by_postgres);
  EXPECT_EQ(beside->kind, "service");
}

TEST(ServiceFile, HasTheGrammarOfATarget) {
  const auto service = service_of(R"(
summary = "all of it"
inherit = ["APP_*"]
after_ready = [["sh", "{prepared}", "{port.admin}", "{params.size}"]]
[params.size]
type = "integer"
default = 4
[[rule]]
when = { size = 3 }
message = "three"
[prepare]
command = ["sh", "{prepared}"]
[serve]
command = ["sh", "{port}", "{tls_key}", "{arguments}"]
environment = { A = "{upstream.password}" }
more_ports = ["admin"]
stop_signal = "INT"
[ready]
before_commands = "admin"
timeout = "3s"
[upstream]
transport = "tcp"
[gives]
environment = { PGSSLMODE = "verify-ca", PGSSLROOTCERT = "{tls_authority}" }
any_database = false
[versions]
command = ["sh", "--version"]
)");
  EXPECT_EQ(service->after_ready.front().size(), 4U);
  EXPECT_THAT(service->serve.more_ports, ElementsAre("admin"));
  EXPECT_EQ(service->ready.before_commands, "admin");
  EXPECT_EQ(service->rules.size(), 1U);
  EXPECT_TRUE(service->only_tcp && service->speaks_tls && service->takes_upstream);
  EXPECT_FALSE(service->any_database);
  EXPECT_EQ(service->gives.at("PGSSLMODE"), "verify-ca");
}

TEST(ServiceFile, MistakesHaveTheirPlaces) {
  EXPECT_THAT(service_mistakes("[serve]\ncommand = [\"sh\", \"{pghost}\", \"{port.admin}\"]\n"),
              ElementsAre("4:19 serve.command: {pghost} is no placeholder here",
                          "4:31 serve.command: {port.admin} is no placeholder here"));
  EXPECT_THAT(service_mistakes("[serve]\ncommand = [\"sh\", \"{socket}\"]\n"),
              ElementsAre("4:19 serve.command: {socket} stands for nothing without serve.listen = "
                          "\"unix\""));
  EXPECT_THAT(service_mistakes("[serve]\ncommand = [\"sh\"]\nmore_ports = [\"a\", \"a\"]\n"),
              ElementsAre("5:14 serve.more_ports holds \"a\" twice"));
  EXPECT_THAT(service_mistakes("[serve]\ncommand = [\"sh\"]\n[ready]\nby = \"postgres\"\n"),
              ElementsAre("6:6 ready.by = \"postgres\" is for a service that leads to PostgreSQL"));
  EXPECT_THAT(
      service_mistakes("[serve]\ncommand = [\"sh\"]\n[ready]\nbefore_commands = \"admin\"\n"),
      ElementsAre("6:19 ready.before_commands names no port of serve.more_ports: \"admin\""));
  EXPECT_THAT(service_mistakes(std::string(kLeadsOn) + "[gives]\nenvironment = { A = \"1\" }\n"),
              ElementsAre("6:15 gives.environment sets A, which libpq does not read"));
  EXPECT_THAT(service_mistakes("after_ready = [[\"sh\", 1]]\n[serve]\ncommand = [\"sh\"]\n"),
              ElementsAre("3:16 after_ready must be a list of commands, each a list of strings"));
  EXPECT_THAT(service_mistakes("[serve]\nurl = \"http://127.0.0.1:1\"\ncommand = [\"sh\"]\n"),
              ElementsAre(HasSubstr("unknown key serve.url")));
}

TEST(ServiceFile, TellsTheProgramOfEachOfItsPorts) {
  EXPECT_THAT(service_mistakes("[serve]\ncommand = [\"sh\"]\n"),
              ElementsAre("4:11 serve.command does not tell the program where to listen: {port} "
                          "stands nowhere in the service's texts"));
  EXPECT_THAT(service_mistakes("[serve]\nlisten = \"unix\"\ncommand = [\"sh\"]\n"),
              ElementsAre(HasSubstr("{socket} stands nowhere")));
  EXPECT_THAT(service_mistakes(std::string(kLeadsOn) + "more_ports = [\"admin\"]\n"),
              ElementsAre("5:14 serve.more_ports holds \"admin\", but {port.admin} stands nowhere "
                          "in the service's texts"));
}

TEST(ServiceFile, SaysWhichProgramIsMissing) {
  EXPECT_EQ(service_of("[serve]\ncommand = [\"sh\", \"{port}\"]\n")->missing, "");
  EXPECT_EQ(service_of("[serve]\ncommand = [\"no-such-program\", \"{port}\"]\n")->missing,
            "no-such-program");
  EXPECT_EQ(service_of("programs = [\"sh\", \"nor-this\"]\n"
                       "[serve]\ncommand = [\"sh\", \"{port}\"]\n")
                ->missing,
            "nor-this");
}

/// Services by their texts, and the target "web".
tl::expected<Scenario, std::vector<Diagnostic>> expand_with_services(
    const std::string& body, const Overrides& overrides = {}) {
  static const std::map<std::string, std::string> kTexts{
      {"pooler", std::string("[params.size]\ntype = \"integer\"\ndefault = 4\nmin = 1\n"
                             "argument = [\"{value}\"]\n") +
                     kLeadsOn},
      {"far", std::string(kLeadsOn) + "[upstream]\ntransport = \"tcp\"\n"},
      {"local",
       "[serve]\nlisten = \"unix\"\ncommand = [\"sh\", \"{socket}\", "
       "\"{upstream.host}\"]\n"},
      {"absent",
       "install = \"get it\"\n[serve]\ncommand = [\"no-such-program\", \"{port}\", "
       "\"{upstream.host}\"]\n"},
      {"beside", "[serve]\ncommand = [\"sh\", \"{port}\"]\n"}};
  TargetLookup targets(testdata());
  return expand(
      source_of("schema = 1\nname = \"t\"\ntarget.use = \"web\"\n" + body), all_generators(),
      overrides,
      [&](const Setting& use, Mistakes& mistakes) { return targets.find(use, mistakes); },
      [&](const NamedService& named, Mistakes& mistakes) -> std::shared_ptr<const ServiceSpec> {
        const auto text = kTexts.find(named.name);
        if (text == kTexts.end()) {
          mistakes.add(named.place, fmt::format("{}: unknown {}", named.said, named.name));
          return nullptr;
        }
        auto spec = read_service(source_of(kServiceHead + text->second), testdata(), mistakes);
        return spec ? std::make_shared<const ServiceSpec>(*std::move(spec)) : nullptr;
      });
}

std::vector<std::string> expand_mistakes(const std::string& body) {
  const auto scenario = expand_with_services(body);
  std::vector<std::string> found;
  if (scenario) return found;
  for (const Diagnostic& d : scenario.error()) {
    found.push_back(fmt::format("{}:{} {}", d.line, d.column, d.message));
  }
  return found;
}

TEST(ServicePath, IsASettingAndAnAxis) {
  const auto scenario = expand_with_services(
      "[service.pooler]\nparams = { size = 2 }\n"
      "[matrix]\n\"postgres.via\" = [\"direct\", \"pooler\", \"pooler+far\"]\n");
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  ASSERT_EQ(scenario->cells.size(), 3U);
  EXPECT_EQ(scenario->cells[0].services.via(), "direct");
  EXPECT_FALSE(scenario->cells[0].config.at("postgres").contains("via"));
  EXPECT_FALSE(scenario->cells[0].config.contains("service"));
  const Cell& both = scenario->cells[2];
  EXPECT_EQ(both.id, "via=pooler+far");
  ASSERT_EQ(both.services.path.size(), 2U);
  EXPECT_EQ(both.services.path[0].params.at("size"), 2);
  EXPECT_EQ(both.config.at("postgres").at("via"), "pooler+far");
  EXPECT_EQ(both.config.at("service").at("pooler").at("params").at("size"), 2);
}

TEST(ServicePath, RefusesWhatIsNoPath) {
  EXPECT_THAT(expand_mistakes("postgres.via = \"pooler+\"\n"),
              ElementsAre(HasSubstr("4:16 postgres.via is no path")));
  EXPECT_THAT(expand_mistakes("postgres.via = \"pooler + far\"\n"),
              ElementsAre("4:16 postgres.via cannot hold a service \"pooler \""));
  EXPECT_THAT(expand_mistakes("postgres.via = \"pooler+pooler\"\n"),
              ElementsAre("4:16 postgres.via names \"pooler\" twice"));
  EXPECT_THAT(expand_mistakes("postgres.via = \"nobody\"\n"),
              ElementsAre("4:16 postgres.via: unknown nobody"));
  EXPECT_THAT(expand_mistakes("postgres.via = \"beside\"\n"),
              ElementsAre("4:16 postgres.via names service \"beside\", which does not lead to "
                          "PostgreSQL"));
  EXPECT_THAT(expand_mistakes("postgres = { via = \"far\", transport = \"unix\" }\n"),
              ElementsAre(HasSubstr("names service \"far\", which needs a TCP port behind it")));
  EXPECT_THAT(expand_mistakes("postgres.via = \"far+local\"\n"),
              ElementsAre(HasSubstr("names service \"far\", which needs a TCP port behind it")));
  EXPECT_THAT(expand_mistakes("postgres = { via = \"pooler\", source = \"external\", dsn_env = "
                              "\"A\", target_dsn_env = \"B\" }\n"),
              ElementsAre(HasSubstr("and postgres.target_dsn_env exclude each other")));
}

TEST(ServicePath, ParametersAreCheckedAsThoseOfTargets) {
  EXPECT_THAT(
      expand_mistakes("postgres.via = \"pooler\"\nservice.pooler.params = { size = 0, siz = 1 }\n"),
      ElementsAre("5:34 service.pooler.params.size must be at least 1, found the number 0",
                  "5:37 unknown key service.pooler.params.siz: service s has no such parameter"));
}

TEST(ServicePath, WhatAServiceIsSetToMustMakeADifference) {
  EXPECT_THAT(expand_mistakes("[service.pooler]\nparams = { size = 2 }\n"),
              ElementsAre("4:10 no cell has a service \"pooler\""));
  EXPECT_THAT(expand_mistakes("[matrix]\n\"postgres.via\" = [\"direct\", \"pooler\"]\n"
                              "\"service.pooler.params.size\" = [2, 4]\n"),
              ElementsAre("6:1 axis service.pooler.params.size varies service pooler, which cell "
                          "via=direct,size=2 does not have"));
  EXPECT_THAT(expand_mistakes("[variant.a]\nservice.pooler.params.size = 2\n[matrix]\n"
                              "variant = [\"a\"]\n"),
              ElementsAre("5:9 this variant sets service pooler, which cell variant=a does not "
                          "have"));
  EXPECT_THAT(expand_mistakes("[matrix]\n\"postgres.via\" = [\"pooler\"]\n"
                              "\"service.pooler.params.size\" = [2, 4]\n"
                              "[[matrix.include]]\n\"postgres.via\" = \"direct\"\n"),
              IsEmpty());
}

TEST(ServicePath, CellsOfAServiceThatIsNotInstalledAreRefusedOrSkipped) {
  const std::string matrix = "[matrix]\n\"postgres.via\" = [\"direct\", \"absent\"]\n";
  EXPECT_THAT(expand_mistakes(matrix),
              ElementsAre(HasSubstr("service absent needs the program no-such-program, which is "
                                    "not installed")));
  const auto scenario = expand_with_services("design.skip_missing_services = true\n" + matrix);
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  EXPECT_EQ(scenario->cells.size(), 1U);
  ASSERT_EQ(scenario->skipped_cells.size(), 1U);
  EXPECT_THAT(scenario->skipped_cells.front().why, HasSubstr("no-such-program"));
}

TEST(ServicePath, MetricsAndPlacementOfAServiceGoByItsName) {
  const auto scenario = expand_with_services(
      "[matrix]\n\"postgres.via\" = [\"pooler\"]\n[placement]\nservice.pooler = "
      "\"0\"\n[[hypothesis]]\nclaim = \"c\"\n"
      "metric = \"service.pooler.cpu_us_per_request\"\ncell = { via = \"pooler\" }\nat_most = 1\n");
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  EXPECT_THAT(scenario->cells.front().placement.service.at("pooler"), ElementsAre(0));
}

constexpr const char* kWait = R"(
[[metric]]
name = "wait_us"
unit = "µs"
kind = "counter"
per = "request"
)";

TEST(ServiceFile, DeclaresMetricsOfAnAdminConsoleAndOfItsPorts) {
  const auto service = service_of(std::string(kLeadsOn) + "more_ports = [\"admin\"]\n" +
                                  "environment = { ADMIN = \"{port.admin}\" }\n" + kWait +
                                  "sql = \"SHOW STATS\"\ncolumn = \"total_wait_time\"\n"
                                  "database = \"pgbouncer\"\ncombine = \"sum\"\n"
                                  "[[metric]]\nname = \"queue\"\nunit = \"clients\"\n"
                                  "kind = \"gauge\"\nprometheus = \"/metrics\"\nmetric = \"q\"\n"
                                  "port = \"admin\"\n");
  ASSERT_EQ(service->metrics.size(), 2U);
  EXPECT_EQ(service->metrics[0].database, "pgbouncer");
  EXPECT_TRUE(service->metrics[0].has_combine);
  EXPECT_EQ(service->metrics[1].port, "admin");
}

TEST(ServiceFile, MetricsAskOnlyPortsThatItHas) {
  const std::string http = "http_json = \"/stats\"\npointer = \"/wait\"\nport = \"admin\"\n";
  EXPECT_THAT(service_mistakes(std::string(kLeadsOn) + kWait + http),
              ElementsAre(HasSubstr("metric.port names none: the service has no port beside")));
  EXPECT_THAT(service_mistakes(std::string(kLeadsOn) + kWait + "log = \"x\"\ncombine = \"sum\"\n"),
              ElementsAre(HasSubstr("metric.combine does not go with log")));
}

TEST(ServiceFile, NamesTheMetricThatTellsHowLongRequestsWait) {
  const std::string log = "log = \"waited (\\\\d+)\"\n";
  const auto service =
      service_of(std::string(kLeadsOn) + "[upstream]\nwait = \"wait_us\"\n" + kWait + log);
  EXPECT_EQ(service->wait, "wait_us");
  EXPECT_EQ(service->wait_us_per_unit, 1);
  EXPECT_THAT(
      service_mistakes(std::string(kLeadsOn) + "[upstream]\nwait = \"other\"\n" + kWait + log),
      ElementsAre(HasSubstr("upstream.wait must name a [[metric]] of the service")));
}

TEST(ServicePath, ItsMetricsGoByTheNameThatTheCellCallsItBy) {
  const ServiceLoader loader = [](const NamedService&, Mistakes&) {
    return std::make_shared<const ServiceSpec>(
        *service_of(std::string(kLeadsOn) + kWait + "log = \"waited (\\\\d+)\"\n"));
  };
  const auto scenario = expand(
      source_of("schema = 1\nname = \"t\"\ntarget.use = \"web\"\n"
                "[matrix]\n\"postgres.via\" = [\"direct\", \"first\", \"first+second\"]\n"
                "[[hypothesis]]\nclaim = \"c\"\nmetric = \"service.first.wait_us\"\n"
                "cell = { via = \"first\" }\nat_most = 5\n"),
      all_generators(), {},
      [&](const Setting& use, Mistakes& mistakes) {
        return TargetLookup(testdata()).find(use, mistakes);
      },
      loader);
  ASSERT_TRUE(scenario) << to_text(scenario.error());
  std::vector<std::string> names;
  for (const auto& metric : scenario->metrics) names.push_back(metric.name);
  EXPECT_THAT(names, ElementsAre("service.first.wait_us", "service.second.wait_us"));
}

}  // namespace
}  // namespace poolbench::scenario
