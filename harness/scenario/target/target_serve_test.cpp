// How a target is served, as its file says it and as a scenario may use it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"
#include "scenario/expand_fixture.h"
#include "scenario/target/target_file.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kHead =
    "schema = 2\nname = \"w\"\ndefault_endpoint = \"q\"\nendpoint.q = { path = \"/\" }\n";

/// "line:column message" of each mistake of a target whose [serve] begins in line 5.
std::vector<std::string> mistakes_of(const std::string& rest) {
  Mistakes mistakes;
  read_target(source_of(kHead + rest), testdata() + "/targets/web", mistakes);
  std::vector<std::string> found;
  for (const Diagnostic& d : mistakes.in_order()) {
    found.push_back(std::to_string(d.line) + ":" + std::to_string(d.column) + " " + d.message);
  }
  return found;
}

std::optional<TargetSpec> target_of(const std::string& rest) {
  Mistakes mistakes;
  auto target = read_target(source_of(kHead + rest), testdata() + "/targets/web", mistakes);
  EXPECT_TRUE(target) << to_text(mistakes.in_order());
  return target;
}

TEST(TargetServe, ListensOnTcpAndSpeaksPlainHttpUnlessItSaysOtherwise) {
  const auto plain = target_of("[serve]\ncommand = [\"run\", \"{host}:{port}\"]\n");
  EXPECT_FALSE(plain->serve.unix_socket || plain->serve.tls || plain->serve.running);
  EXPECT_TRUE(target_of("[serve]\nlisten = \"unix\"\ncommand = [\"run\", \"{socket}\"]\n")
                  ->serve.unix_socket);
  EXPECT_TRUE(target_of("[serve]\nscheme = \"https\"\n"
                        "command = [\"run\", \"{port}\", \"{tls_cert}\", \"{tls_key}\"]\n")
                  ->serve.tls);
}

TEST(TargetServe, RefusesPlaceholdersOfAnotherWayToListen) {
  EXPECT_THAT(
      mistakes_of("[serve]\nlisten = \"unix\"\ncommand = [\"run\", \"{host}:{port}\"]\n"
                  "environment = { PORT = \"{port}\" }\n"),
      ElementsAre("7:20 serve.command: {host} stands for nothing with serve.listen = \"unix\"",
                  "7:27 serve.command: {port} stands for nothing with serve.listen = \"unix\"",
                  "8:25 serve.environment.PORT: {port} stands for nothing with serve.listen = "
                  "\"unix\""));
  EXPECT_THAT(
      mistakes_of("[serve]\ncommand = [\"run\", \"{tls_key}\", \"{arguments}\"]\n[params.p]\n"
                  "type = \"integer\"\ndefault = 1\nargument = [\"{value}\", \"{socket}\"]\n"),
      ElementsAre("6:20 serve.command: {tls_key} stands for nothing without serve.scheme = "
                  "\"https\"",
                  "10:25 params.p.argument: {socket} stands for nothing without serve.listen = "
                  "\"unix\""));
}

TEST(TargetServe, OffersOnlyPlaceholdersOfItsOwnWayToListen) {
  const auto offered = [](const std::string& rest) {
    Mistakes mistakes;
    read_target(source_of(kHead + rest), testdata() + "/targets/web", mistakes);
    EXPECT_EQ(mistakes.count(), 1U);
    return mistakes.count() == 0 ? "" : mistakes.in_order().front().next;
  };
  EXPECT_THAT(offered("[serve]\ncommand = [\"run\", \"{prt}\", \"{port}\"]\n"),
              AllOf(HasSubstr("{port}"), Not(HasSubstr("{socket}")), Not(HasSubstr("{tls_"))));
  EXPECT_THAT(offered("[serve]\nlisten = \"unix\"\ncommand = [\"run\", \"{socket}\"]\n"
                      "environment = { A = \"{sokcet}\" }\n"),
              AllOf(HasSubstr("did you mean {socket}?"), Not(HasSubstr("{port}")),
                    Not(HasSubstr("{tls_"))));
  EXPECT_THAT(offered("[serve]\nscheme = \"https\"\ncommand = [\"run\"]\n[params.p]\n"
                      "type = \"integer\"\ndefault = 1\n"
                      "argument = [\"{value}\", \"{tls_crt}\"]\n"),
              AllOf(HasSubstr("did you mean {tls_cert}?"), Not(HasSubstr("{socket}"))));
}

TEST(TargetServe, RefusesThemInTemplatesToo) {
  const base::TemporaryFolder folder;
  ASSERT_TRUE(base::write_file_atomically(folder / "web.ini.in", "a = 1\nlisten = {port}\n"));
  Mistakes mistakes;
  read_target(source_of(std::string(kHead) +
                        "[serve]\nlisten = \"unix\"\ncommand = [\"run\", \"{file.web}\"]\n"
                        "[file.web]\ntemplate = \"web.ini.in\"\n"),
              folder, mistakes);
  ASSERT_EQ(mistakes.count(), 1U);
  const Diagnostic found = mistakes.in_order().front();
  EXPECT_EQ(found.message, "{port} stands for nothing with serve.listen = \"unix\"");
  EXPECT_EQ(found.line, 2);
  EXPECT_EQ(found.column, 10);
}

TEST(TargetServe, RefusesWhatNoClientSpeaks) {
  EXPECT_THAT(mistakes_of("[serve]\nlisten = \"unix\"\nscheme = \"https\"\ncommand = [\"run\"]\n"),
              ElementsAre("7:10 serve.scheme = \"https\" does not go together with serve.listen = "
                          "\"unix\""));
  EXPECT_THAT(mistakes_of("[serve]\nlisten = \"udp\"\ncommand = [\"run\"]\n"),
              ElementsAre("6:10 serve.listen cannot be \"udp\""));
}

TEST(TargetServe, MayRunAlready) {
  const auto target = target_of("[serve]\nurl = \"http://localhost\"\n");
  ASSERT_TRUE(target && target->serve.running);
  EXPECT_EQ(*target->serve.running, (base::HttpServer{.endpoint = {"localhost", 80}}));
  EXPECT_THAT(target->serve.command, IsEmpty());
  const auto secure =
      target_of("[serve]\nurl = \"https://[::1]\"\ntls_ca = \"requirements.lock\"\n");
  EXPECT_EQ(secure->serve.running->endpoint, (base::Endpoint{"::1", 443}));
  EXPECT_TRUE(secure->serve.running->tls);
  EXPECT_THAT(secure->serve.running->ca_file, HasSubstr("/targets/web/requirements.lock"));
}

TEST(TargetServe, RefusesAUrlThatIsMoreThanAPlace) {
  const auto mistake = [](const std::string& lines) { return mistakes_of("[serve]\n" + lines); };
  EXPECT_THAT(mistake("url = \"http://127.0.0.1:8000/shop?x\"\n"),
              ElementsAre("6:7 serve.url has a path: \"/shop?x\""));
  EXPECT_THAT(mistake("url = \"http://u@h\"\n"), ElementsAre(HasSubstr("6:7 serve.url cannot be")));
  EXPECT_THAT(mistake("url = \"{env}\"\n"),
              Contains("6:8 serve.url: {env} is no placeholder here"));
  EXPECT_THAT(mistake("url = 8000\n"), ElementsAre(HasSubstr("6:7 serve.url must be a string")));
  EXPECT_THAT(mistake("url = \"http://h\"\ntls_ca = \"requirements.lock\"\n"),
              ElementsAre("7:10 serve.tls_ca has no effect with an http URL"));
  EXPECT_THAT(mistake("url = \"https://h\"\ntls_ca = \"gone.pem\"\n"),
              ElementsAre(HasSubstr("7:10 serve.tls_ca names no file that can be read")));
  EXPECT_THAT(mistake("command = [\"run\"]\ntls_ca = \"requirements.lock\"\n"),
              ElementsAre("7:10 serve.tls_ca has no effect without serve.url"));
}

TEST(TargetServe, RefusesWhateverWouldStartAServerThatRunsAlready) {
  const std::string why = " has no effect with serve.url: the server runs already";
  EXPECT_THAT(
      mistakes_of("[serve]\nurl = \"http://h\"\ncommand = [\"run\"]\nlisten = \"unix\"\n"
                  "[prepare]\ncommand = [\"make\"]\n[data]\n[params]\n"
                  "[ready]\nworker_header = \"W\"\n"),
      ElementsAre("7:11 serve.command" + why, "8:10 serve.listen" + why, "9:1 prepare" + why,
                  "11:1 data" + why, "12:1 params" + why, "14:17 ready.worker_header" + why));
}

/// The scenario "t" of a target that runs already at this URL.
tl::expected<Scenario, std::vector<Diagnostic>> expand_running(
    const std::string& url, const std::string& body,
    const Generators& generators = all_generators()) {
  const auto running = target_of("[serve]\nurl = \"" + url + "\"\n");
  const auto started = target_of("[serve]\ncommand = [\"run\"]\n");
  return expand(source_of("schema = 1\nname = \"t\"\ntarget.use = \"w\"\n" + body), generators, {},
                [&](const Setting& use, Mistakes&) {
                  return std::make_shared<TargetSpec>(use.text() == "w" ? *running : *started);
                });
}

TEST(RunningServer, IsOneOfThisMachineUnlessTheScenarioSaysOtherwise) {
  for (const char* url : {"http://127.9.9.9", "http://[::1]:80", "https://localhost"}) {
    EXPECT_TRUE(expand_running(url, "")) << url;
  }
  for (const std::string host : {"10.0.0.1", "0.0.0.0", "[2001:db8::1]"}) {
    EXPECT_THAT(
        mistakes_in(expand_running("http://" + host + ":8000", "")),
        Contains("3:14 target.use names a server on another machine, http://" + host + ":8000"));
  }
  const auto allowed = expand_running("http://10.0.0.1", "target.allow_remote = true\n");
  ASSERT_TRUE(allowed) << to_text(allowed.error());
  EXPECT_TRUE(allowed->cells.front().target.allow_remote);
  EXPECT_EQ(allowed->cells.front().config["target"]["allow_remote"], true);
  EXPECT_THAT(mistakes_in(expand_body("target.allow_remote = true\n")),
              Contains("4:23 target.allow_remote has no effect: poolbench starts this target on "
                       "this machine"));
}

TEST(RunningServer, TakesNoSettingsThatNothingWouldSet) {
  const std::string url = "http://localhost:8000";
  EXPECT_THAT(
      mistakes_in(expand_running(url, "[matrix]\n\"target.params.workers\" = [1, 2]\n")),
      Contains(HasSubstr("target.params has no effect: the server of target w runs already")));
  EXPECT_THAT(mistakes_in(expand_running(url,
                                         "postgres.settings = { work_mem = \"8MB\" }\n"
                                         "placement.target = \"0\"\n")),
              ElementsAre("4:21 postgres.settings has no effect: the target's server runs already "
                          "(serve.url)",
                          "5:20 placement.target has no effect: the target's server runs already "
                          "(serve.url)"));
  EXPECT_THAT(mistakes_in(expand_running(
                  url,
                  "postgres = { source = \"external\", dsn_env = \"D\", target_dsn_env = "
                  "\"T\" }\n")),
              ElementsAre(HasSubstr("postgres.target_dsn_env has no effect")));
}

TEST(RunningServer, HasNoPostgresUnlessOneIsNamed) {
  const std::string url = "http://localhost:8000";
  EXPECT_TRUE(expand_running(url, "")->cells.front().config["postgres"].is_null());
  const auto named = expand_running(url, "postgres = { source = \"external\", dsn_env = \"D\" }\n");
  ASSERT_TRUE(named) << to_text(named.error());
  EXPECT_EQ(named->cells.front().config["postgres"]["dsn_env"], "D");
}

TEST(RunningServer, SharesNoRunWithTargetsThatAreStarted) {
  EXPECT_THAT(mistakes_in(expand_running("http://localhost",
                                         "[matrix]\n\"target.use\" = [\"w\", \"other\"]\n")),
              ElementsAre(HasSubstr("5:22 target.use: of use=w and use=other only one names a "
                                    "server that runs already")));
}

TEST(Generators, ThatCannotReachTheServerAreRefused) {
  Generators generators = all_generators();
  for (Generator& each : generators) each.unix_sockets = each.verified_tls = each.name == "native";
  EXPECT_THAT(
      mistakes_in(expand_running("https://localhost", "load.generator = \"wrk\"\n", generators)),
      ElementsAre("4:18 load.generator asks for what wrk cannot do: verify the certificate "
                  "of an https server"));
  EXPECT_TRUE(expand_running("http://localhost", "load.generator = \"wrk\"\n", generators));
}

}  // namespace
}  // namespace poolbench::scenario
