#include "service/target_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::service {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

scenario::TargetSettings settings_with(std::vector<std::string> serve) {
  auto spec = std::make_shared<scenario::TargetSpec>();
  spec->name = "app";
  spec->folder = "/srv/app";
  spec->serve.command = std::move(serve);
  spec->serve.folder = "/srv/app/code";
  spec->serve.environment = {{"MODE", "bench"}};
  spec->serve.stop_signal = 2;
  spec->params["workers"].argument = {"--workers", "{value}"};
  spec->params["pool"].environment = "APP_POOL";
  scenario::TargetSettings settings;
  settings.spec = std::move(spec);
  settings.params = {{"workers", 4}, {"pool", base::Json{{"max_size", 8}}}};
  return settings;
}

TEST(ServeCommand, PutsParametersWhereTheTargetWantsThem) {
  const auto settings =
      settings_with({"{prepared}/bin/serve", "--bind", "{host}:{port}", "{arguments}", "app:main"});
  const auto command =
      serve_command(settings, {"/cache/app", {{"PGHOST", "h"}}, {}, {1}}, {"127.0.0.1", 4000})
          .value();
  EXPECT_THAT(command.argv, ElementsAre("/cache/app/bin/serve", "--bind", "127.0.0.1:4000",
                                        "--workers", "4", "app:main"));
  EXPECT_THAT(command.environment, Contains(Pair("APP_POOL", R"({"max_size":8})")));
  EXPECT_THAT(command.environment, Contains(Pair("MODE", "bench")));
  EXPECT_THAT(command.environment, Contains(Pair("PGHOST", "h")));
  EXPECT_THAT(command.cpus, ElementsAre(1));
  EXPECT_EQ(command.stop.signal, 2);
  EXPECT_EQ(command.folder, "/srv/app/code");
}

TEST(ServeCommand, AppendsParametersWhenTheTargetNamesNoPlace) {
  const auto command = serve_command(settings_with({"./serve"}), {}, {"127.0.0.1", 4000}).value();
  EXPECT_THAT(command.argv, ElementsAre("/srv/app/serve", "--workers", "4"));
}

TEST(ServeCommand, PutsStringsBareIntoTheEnvironmentAndAllElseAsJson) {
  const auto variable = [](int schema, const base::Json& value) {
    auto settings = settings_with({"./serve"});
    auto spec = *settings.spec;
    spec.schema = schema;
    settings.spec = std::make_shared<scenario::TargetSpec>(spec);
    settings.params["pool"] = value;
    return serve_command(settings, {}, {"127.0.0.1", 4000}).value().environment.at("APP_POOL");
  };
  EXPECT_EQ(variable(2, "pool"), "pool");
  EXPECT_EQ(variable(2, "a \"b\""), "a \"b\"");
  EXPECT_EQ(variable(2, 60), "60");
  EXPECT_EQ(variable(2, true), "true");
  EXPECT_EQ(variable(2, base::Json{{"max", "8"}}), R"({"max":"8"})");
  EXPECT_EQ(variable(1, "pool"), "\"pool\"");
  EXPECT_EQ(variable(1, 60), "60");
}

TEST(ServeCommand, HasTheFlagOfABooleanOrNot) {
  const auto argv = [](bool value) {
    auto settings = settings_with({"./serve"});
    auto spec = *settings.spec;
    spec.params = {};
    spec.params["debug"].flag = "--debug";
    settings.spec = std::make_shared<scenario::TargetSpec>(spec);
    settings.params = {{"debug", value}};
    return serve_command(settings, {}, {"127.0.0.1", 4000}).value().argv;
  };
  EXPECT_THAT(argv(true), ElementsAre("/srv/app/serve", "--debug"));
  EXPECT_THAT(argv(false), ElementsAre("/srv/app/serve"));
}

TEST(ServeCommand, FillsPlaceholdersInEveryTextAndEachTime) {
  auto settings =
      settings_with({"sh", "-c", "first {port} second {port} ${port} {{port}} {\"a\": 1}"});
  auto spec = *settings.spec;
  spec.serve.environment = {{"PORT", "{port}"}, {"DATABASE_URL", "{database_url}"}};
  spec.params["workers"].argument = {"--workers={value}@{host}"};
  settings.spec = std::make_shared<scenario::TargetSpec>(spec);
  settings.params["workers"] = "{port}";  // a value is no template
  const auto command =
      serve_command(
          settings,
          {"/cache/app",
           {{"PGHOST", "::1"}, {"PGUSER", "me@home"}, {"PGPASSWORD", "p:w"}, {"PGDATABASE", "db"}},
           {},
           {}},
          {"127.0.0.1", 4000})
          .value();
  EXPECT_THAT(command.argv,
              ElementsAre("sh", "-c", "first 4000 second 4000 ${port} {port} {\"a\": 1}",
                          "--workers={port}@127.0.0.1"));
  EXPECT_THAT(command.environment, Contains(Pair("PORT", "4000")));
  EXPECT_THAT(command.environment,
              Contains(Pair("DATABASE_URL", "postgresql://me%40home:p%3Aw@[::1]:5432/db")));
}

TEST(ServeCommand, KnowsParametersAndFiles) {
  auto settings = settings_with({"./serve", "{file.conf}", "{params.workers}/{data.params.rows}"});
  auto spec = *settings.spec;
  spec.files["conf"].file_name = "app.conf";
  spec.serve.environment = {{"POOL", "{params.pool}"}};
  spec.params["workers"].argument = {"--config={file.conf}", "{value}"};
  settings.spec = std::make_shared<scenario::TargetSpec>(spec);
  settings.data_params = {{"rows", 7}};
  TargetPlaces places;
  places.files = "/trial/files";
  const auto command = serve_command(settings, places, {"127.0.0.1", 4000}).value();
  EXPECT_THAT(command.argv, ElementsAre("/srv/app/serve", "/trial/files/app.conf", "4/7",
                                        "--config=/trial/files/app.conf", "4"));
  EXPECT_EQ(command.environment.at("POOL"), R"({"max_size":8})");
}

TEST(RenderFiles, FillsTemplatesForNobodyElse) {
  auto settings = settings_with({"./serve"});
  auto spec = *settings.spec;
  spec.files["conf"] = {"app.conf",
                        "workers {params.workers};\npool = {params.pool}\nname {params.n}\n"
                        "debug = {params.debug}\nlisten {port}; ${host} {\"a\": {}} {{port}}\n"
                        "include {file.other};\n",
                        ""};
  spec.files["other"] = {"other.conf", "no placeholder", ""};
  settings.spec = std::make_shared<scenario::TargetSpec>(spec);
  settings.params["n"] = "{port}";  // a value is no template
  settings.params["debug"] = true;
  TargetPlaces places;
  const base::TemporaryFolder folder;
  places.files = folder / "rendered" / "files";
  const auto words = serve_words(settings, places, {"127.0.0.1", 4000});
  ASSERT_TRUE(render_files(spec, words, places.files));
  EXPECT_EQ(base::read_file(places.files / "app.conf").value(),
            "workers 4;\npool = {\"max_size\":8}\nname {port}\ndebug = true\n"
            "listen 4000; ${host} {\"a\": {}} {port}\ninclude " +
                (places.files / "other.conf").string() + ";\n");
  EXPECT_EQ(base::read_file(places.files / "other.conf").value(), "no placeholder");
  EXPECT_EQ(std::filesystem::status(places.files).permissions(), std::filesystem::perms::owner_all);
  const auto in_the_way = render_files(spec, words, places.files / "app.conf");
  ASSERT_FALSE(in_the_way);
  EXPECT_THAT(in_the_way.error().message, HasSubstr("app.conf"));
}

TEST(RenderFiles, ShowsNoPassword) {
  const base::WordValues words = {
      {"pguser", "u"}, {"pgpassword", "secret"}, {"database_url", "postgresql://u:secret@h/d"}};
  const base::WordValues shown = without_password(words);
  EXPECT_EQ(shown.at("pguser"), "u");
  EXPECT_EQ(shown.at("pgpassword"), "{pgpassword}");
  EXPECT_EQ(shown.at("database_url"), "{database_url}");
  const base::WordValues open = {{"pgpassword", ""}, {"database_url", "postgresql://u@h/d"}};
  EXPECT_EQ(without_password(open), open);
}

TEST(ServeCommand, FailsWhereAPlaceholderHasNoValue) {
  const auto command = serve_command(settings_with({"./serve", "{pghost}"}), {}, {"127.0.0.1", 1});
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().message, "what {pghost} stands for is not known");
}

TEST(TargetWords, NameTheDatabaseAsLibpqsVariablesDo) {
  const auto url = [](std::map<std::string, std::string> environment) {
    environment["PGDATABASE"] = "db";
    return target_words("/p", environment).at("database_url");
  };
  EXPECT_EQ(url({{"PGHOST", "h"}, {"PGPORT", "6543"}, {"PGUSER", "u"}}),
            "postgresql://u@h:6543/db");
  EXPECT_EQ(url({{"PGHOST", "/run/pg"}, {"PGUSER", "u"}}),
            "postgresql://u@/db?host=%2Frun%2Fpg&port=5432");
  EXPECT_EQ(url({{"PGHOST", "h"}}), "postgresql://h:5432/db");
  EXPECT_EQ(url({{"PGHOST", "h"}, {"PGUSER", "u"}, {"PGSSLMODE", "require"}}),
            "postgresql://u@h:5432/db?sslmode=require");
  EXPECT_EQ(url({{"PGHOST", "name"}, {"PGHOSTADDR", "127.0.0.1"}}),
            "postgresql://name:5432/db?hostaddr=127.0.0.1");
  EXPECT_EQ(target_words("/p", {{"PGDATABASE", "db"}, {"PGHOST", "h"}}).at("pgpassword"), "");
  EXPECT_EQ(target_words("/p", {{"PGDATABASE", "db"}, {"PGHOST", "h"}}).at("pgsslrootcert"), "");
  EXPECT_EQ(
      target_words("/p", {{"PGDATABASE", "db"}, {"PGSSLROOTCERT", "/r.pem"}}).at("pgsslrootcert"),
      "/r.pem");
  EXPECT_FALSE(target_words("/p", {{"PGDATABASE", "db"}}).contains("database_url"));
}

TEST(TargetWords, AreShownUnfilledSinceAPasswordMayBeAmongThem) {
  process::Command command;
  scenario::TargetSpec target;
  target.folder = "/srv/app";
  ASSERT_TRUE(set_words(command, target, {"bin/seed", "--password={pgpassword}"},
                        {{"pgpassword", "secret"}}));
  EXPECT_THAT(command.argv, ElementsAre("/srv/app/bin/seed", "--password=secret"));
  EXPECT_THAT(command.shown, ElementsAre("bin/seed", "--password={pgpassword}"));
}

const base::Environment kCaller{
    {"APP_MODE", "fast"}, {"APP_TOKEN", "secret-token"}, {"GUNICORN_CMD_ARGS", "--max-requests 30"},
    {"PATH", "/bin"},     {"PGHOST", "production"},      {"PGSERVICE", "production"},
    {"WORKERS", "3"}};

scenario::TargetSpec target_with(std::vector<std::string> inherit) {
  scenario::TargetSpec target;
  target.inherit = std::move(inherit);
  return target;
}

TEST(InheritedTest, ATargetGetsTheStandardPartWhatItNamesAndItsDatabase) {
  EXPECT_THAT(target_environment(target_with({}), {}, kCaller), ElementsAre(Pair("PATH", "/bin")));
  EXPECT_THAT(target_environment(target_with({"APP_*", "WORKERS", "P*"}), {{"PGHOST", "127.0.0.1"}},
                                 kCaller),
              ElementsAre(Pair("APP_MODE", "fast"), Pair("APP_TOKEN", "secret-token"),
                          Pair("PATH", "/bin"), Pair("PGHOST", "127.0.0.1"), Pair("WORKERS", "3")));
}

TEST(InheritedTest, TheReportGetsNamesAndHashesAndNoValue) {
  const auto inherited = inherited_hashes(target_with({"APP_*", "UNSET"}), kCaller);
  EXPECT_EQ(inherited.named, base::Json({{"APP_MODE", base::sha256_hex("fast")},
                                         {"APP_TOKEN", base::sha256_hex("secret-token")},
                                         {"UNSET", nullptr}}));
  EXPECT_EQ(inherited.always, base::Json({{"PATH", base::sha256_hex("/bin")}}));
  EXPECT_THAT(inherited.named.dump(), Not(HasSubstr("secret-token")));
}

TEST(ServeCommand, TellsTheSocketAndTheFilesOfTls) {
  TargetPlaces places;
  places.tls = {"/s/authority.crt", "/s/target.crt", "/s/target.key"};
  EXPECT_THAT(serve_command(settings_with({"./serve", "unix:{socket}"}), places,
                            base::over_unix_socket("/s/t.sock"))
                  .value()
                  .argv,
              testing::Contains("unix:/s/t.sock"));
  EXPECT_THAT(serve_command(settings_with({"./serve", "{port}", "{tls_cert}", "{tls_key}"}), places,
                            {.endpoint = {"127.0.0.1", 4000}, .tls = true})
                  .value()
                  .argv,
              testing::IsSupersetOf({"4000", "/s/target.crt", "/s/target.key"}));
  EXPECT_FALSE(serve_command(settings_with({"./serve", "{tls_key}"}), places,
                             {.endpoint = {"127.0.0.1", 4000}}));
}

}  // namespace
}  // namespace poolbench::service
