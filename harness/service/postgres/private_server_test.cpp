#include <gmock/gmock.h>

#include <fstream>

#include "process/fixture.h"
#include "scenario/target/target_file.h"
#include "service/postgres/databases.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using scenario::PostgresSettings;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A real private server of the newest PostgreSQL that is installed.
class PrivateServerTest : public process::ProcessTest {
 protected:
  ~PrivateServerTest() override {
    if (databases_) databases_->close();
  }
  base::Result<void> run(const PostgresSettings& settings) {
    if (databases_) return databases_->ensure_running(settings);
    auto made = Databases::create(
        *supervisor_, settings,
        {folder_ / "postgres", open_cache(folder_ / "cache"), folder_ / "postgres.log", {}},
        "test");
    if (!made) return tl::unexpected(made.error());
    databases_ = std::move(*made);
    return {};
  }
  /// What the target is told, as libpq's parameters.
  Conninfo told() {
    Conninfo conninfo;
    const std::pair<const char*, const char*> names[] = {
        {"PGHOST", "host"},         {"PGPORT", "port"},       {"PGUSER", "user"},
        {"PGPASSWORD", "password"}, {"PGSSLMODE", "sslmode"}, {"PGSSLROOTCERT", "sslrootcert"},
        {"PGDATABASE", "dbname"}};
    for (const auto& [variable, value] : databases_->environment("postgres")) {
      for (const auto& [name, keyword] : names) {
        if (variable == name) conninfo[keyword] = value;
      }
    }
    return conninfo;
  }
  /// Why such a session is refused; empty if it is not.
  static std::string refusal(const Conninfo& conninfo) {
    const auto session = PostgresSession::connect(conninfo);
    return session ? "" : session.error().message;
  }
  static Conninfo with(Conninfo conninfo, const std::string& key, const std::string& value) {
    conninfo[key] = value;
    return conninfo;
  }
  base::Result<std::string> make_template(const PostgresSettings& settings) {
    return databases_->make_templates({{&target_, &settings, folder_}},
                                      {folder_ / "data.log", folder_ / "kept", false, clock_});
  }
  std::string template_name(const PostgresSettings& settings) {
    return databases_->template_of(target_, settings).database;
  }

  base::SystemClock clock_;
  scenario::TargetSettings target_ = [&] {
    scenario::TargetSpec spec;
    spec.name = "t";
    spec.folder = folder_;
    scenario::TargetSettings target;
    target.spec = std::make_shared<const scenario::TargetSpec>(std::move(spec));
    return target;
  }();
  std::optional<Databases> databases_;
};

TEST_F(PrivateServerTest, WithoutAPasswordNobodyIsLetInWhereScramIsAskedFor) {
  for (const char* transport : {"tcp", "unix"}) {
    SCOPED_TRACE(transport);
    PostgresSettings settings;
    settings.auth = PostgresSettings::Auth::kScram;
    settings.transport = transport;
    const auto running = run(settings);
    ASSERT_TRUE(running) << running.error().message;
    EXPECT_EQ(refusal(told()), "");
    Conninfo none = told();
    none.erase("password");
    EXPECT_THAT(refusal(none), HasSubstr("no password supplied"));
    EXPECT_THAT(refusal(with(told(), "password", "guessed")),
                HasSubstr("password authentication failed"));
    if (std::string_view(transport) == "tcp") {
      EXPECT_THAT(refusal(with(told(), "user", "postgres")),
                  HasSubstr("password authentication failed"));
    }
  }
  const std::string password = told().at("password");
  EXPECT_THAT(base::read_file(folder_ / "postgres.log").value(), Not(HasSubstr(password)));
  PostgresSettings trusting;
  ASSERT_TRUE(run(trusting));
  EXPECT_EQ(told().count("password"), 0U);
  EXPECT_EQ(refusal(told()), "");
}

TEST_F(PrivateServerTest, WithoutTlsNobodyIsLetInWhereItIsAskedFor) {
  PostgresSettings settings;
  settings.tls = true;
  const auto running = run(settings);
  ASSERT_TRUE(running) << running.error().message;
  EXPECT_EQ(told().at("sslmode"), "verify-full");
  EXPECT_EQ(refusal(told()), "");
  Conninfo plain = with(told(), "sslmode", "disable");
  plain.erase("sslrootcert");
  EXPECT_THAT(refusal(plain), HasSubstr("no pg_hba.conf entry for host"));
  plain["host"] = (folder_ / "postgres").string();
  EXPECT_THAT(refusal(plain), HasSubstr("no pg_hba.conf entry for host \"[local]\""));
  const fs::path key = folder_ / "postgres" / "tls" / "server.key";
  EXPECT_EQ(fs::status(key).permissions(), fs::perms(0600));
}

TEST_F(PrivateServerTest, InitSqlRunsAsASuperuserAndItsErrorsHaveTheirPlace) {
  PostgresSettings settings;
  settings.init_sql = {{"CREATE EXTENSION pageinspect", "t.toml:5:13", ""}};
  ASSERT_TRUE(run(settings));
  const auto made = make_template(settings);
  EXPECT_TRUE(made) << made.error().message;
  const PostgresSettings first = settings;
  settings.init_sql = {{"SELECT 1;\nCREATE TABEL t ();", "/x/init.sql", "init.sql"}};
  const auto in_file = make_template(settings);
  ASSERT_FALSE(in_file);
  EXPECT_EQ(in_file.error().where, "/x/init.sql:2");
  EXPECT_EQ(in_file.error().code, base::ErrorCode::kBadInput);
  EXPECT_THAT(in_file.error().message, AllOf(HasSubstr("postgres.init_sql"),
                                             HasSubstr("syntax error at or near \"TABEL\"")));
  settings.init_sql = {{"CREATE SCHEMA other", "t.toml:5:13", ""}};
  ASSERT_TRUE(make_template(settings));
  EXPECT_NE(template_name(settings), template_name(first));
  settings.init_sql = {{"CREATE EXTENSION nowhere", "t.toml:5:13", ""}};
  const auto in_text = make_template(settings);
  ASSERT_FALSE(in_text);
  EXPECT_EQ(in_text.error().where, "t.toml:5:13");
}

TEST_F(PrivateServerTest, RoleSettingsHoldInTheTargetsSessionsAndAreRefusedInPostgresWords) {
  PostgresSettings settings;
  settings.role_settings = {{"statement_timeout", "5s"}, {"search_path", "\"$user\", shop"}};
  const auto running = run(settings);
  ASSERT_TRUE(running) << running.error().message;
  const auto look = [&] {
    auto session = PostgresSession::connect(told());
    return session->settings({"statement_timeout", "search_path"}).value();
  };
  auto found = look();
  EXPECT_EQ(found.at("statement_timeout"), "5s");
  EXPECT_EQ(found.at("search_path"), "\"$user\", shop");
  ASSERT_TRUE(make_template(settings));
  EXPECT_EQ(look().at("statement_timeout"), "0") << "data commands may take their time";
  ASSERT_TRUE(run(settings));
  EXPECT_EQ(look().at("statement_timeout"), "5s");
  settings.role_settings = {{"statement_timeout", "soon"}};
  const auto refused = run(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kBadInput);
  EXPECT_EQ(refused.error().where, "postgres.role_settings.statement_timeout");
  EXPECT_THAT(refused.error().message,
              HasSubstr("invalid value for parameter \"statement_timeout\": \"soon\""));
}

}  // namespace
}  // namespace poolbench::service
