#include "service/postgres/external.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/raii.h"

namespace poolbench::service {
namespace {

constexpr int kRoleForCheckpoints = 150000;  // server_version_num from which pg_checkpoint is there

base::Result<Conninfo> conninfo_from(const std::string& variable, const char* key) {
  const char* dsn = std::getenv(variable.c_str());
  if (dsn == nullptr || *dsn == '\0') {
    return base::bad_input(
        fmt::format("the environment variable {} (postgres.{}) is not set", variable, key), {},
        fmt::format("export {}=postgresql://user:password@host:5432/postgres", variable));
  }
  auto conninfo = parse_conninfo(dsn);
  if (!conninfo) conninfo.error().where = "$" + variable;
  return conninfo;
}

std::string user_of(const Conninfo& conninfo) {
  const auto user = conninfo.find("user");
  return user == conninfo.end() ? std::string() : user->second;
}

std::string quoted(const std::string& role) {
  std::string text = "\"";
  for (const char c : role) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

/// A right that is lacking, as the command that gives it and what it is for.
std::string grant(const std::string& command, const std::string& purpose) {
  return fmt::format("\n    {:<44} -- {}", command + ";", purpose);
}

std::string needed_grants(const Rights& rights, const std::string& target) {
  const std::string role = quoted(rights.role);
  std::string text;
  if (!rights.creates_databases) {
    text += grant(fmt::format("ALTER ROLE {} CREATEDB", role), "every trial has its own database");
  }
  if (!rights.target_role_exists) {
    text += grant(fmt::format("CREATE ROLE {} LOGIN", quoted(target)), "the target's role");
  }
  if (!rights.owns_for_target) {
    text += grant(fmt::format("GRANT {} TO {}", quoted(target), role),
                  "the databases must belong to the target's role");
  }
  return text;
}

std::string checkpoint_warning(const Rights& rights) {
  return fmt::format(
      "trials begin without a CHECKPOINT, so that one may fall into a measurement: {}",
      rights.version >= kRoleForCheckpoints
          ? fmt::format("GRANT pg_checkpoint TO {} would allow it", quoted(rights.role))
          : fmt::format("before PostgreSQL 15 only a superuser may make one, and {} is none",
                        quoted(rights.role)));
}

/// Whether a database that has just been made is what the target's address leads to.
base::Result<void> check_target_address(PostgresSession& session, const ExternalPostgres& external,
                                        const ExternalTerms& terms, const std::string& database) {
  POOLBENCH_TRY(session.create_database(database, {}, terms.owner));
  const base::ScopeExit drop([&] { static_cast<void>(session.drop_database(database)); });
  Conninfo there = external.target;
  there["dbname"] = database;
  const std::string where = "$" + external.target_variable;
  auto target = PostgresSession::connect(there);
  if (!target) {
    return base::bad_input(
        fmt::format("postgres.target_dsn_env does not lead to a new database: {}",
                    target.error().message),
        where,
        "a pooler must pass every database name on (PgBouncer: an entry `* = host=… port=…` under "
        "[databases]) and let the role log in");
  }
  const auto found = target->database();
  if (!found) return tl::unexpected(found.error());
  if (*found == database) return {};
  return base::bad_input(
      fmt::format("postgres.target_dsn_env leads to the database {} when asked for {}", *found,
                  database),
      where, "leave dbname out of the pooler's `*` entry");
}

}  // namespace

Conninfo ExternalPostgres::for_data() const {
  Conninfo data = own;
  if (user_of(target).empty() || user_of(target) == user_of(own)) return data;
  data.erase("password");
  for (const char* keyword : {"user", "password"}) {
    if (const auto value = target.find(keyword); value != target.end())
      data.insert_or_assign(keyword, value->second);
  }
  return data;
}

base::Result<ExternalPostgres> find_external(const scenario::PostgresSettings& settings) {
  ExternalPostgres external;
  external.own_variable = settings.dsn_env;
  external.target_variable = settings.target_dsn_env;
  auto own = conninfo_from(settings.dsn_env, "dsn_env");
  if (!own) return tl::unexpected(own.error());
  external.own = external.target = std::move(*own);
  if (settings.target_dsn_env.empty()) return external;
  auto target = conninfo_from(settings.target_dsn_env, "target_dsn_env");
  if (!target) return tl::unexpected(target.error());
  external.target = std::move(*target);
  return external;
}

base::Result<void> check_addresses(const scenario::Scenario& scenario) {
  for (const scenario::Cell& cell : scenario.cells) {
    if (cell.postgres.source != scenario::PostgresSettings::Source::kExternal) continue;
    POOLBENCH_TRY(find_external(cell.postgres));
  }
  return {};
}

base::Result<ExternalTerms> terms_of(const Rights& rights, const std::string& target_role) {
  ExternalTerms terms;
  if (!target_role.empty() && target_role != rights.role) terms.owner = target_role;
  terms.may_checkpoint = rights.checkpoints;
  if (!rights.checkpoints) terms.warnings.push_back(checkpoint_warning(rights));
  if (!rights.sees_target_sessions) {
    terms.warnings.push_back(fmt::format(
        "the target's connections cannot be counted: GRANT pg_read_all_stats TO {} would allow it",
        quoted(rights.role)));
  }
  const std::string needed = needed_grants(rights, target_role);
  if (needed.empty()) return terms;
  std::string wanted;
  for (const std::string& warning : terms.warnings) wanted += "\n  besides, " + warning;
  return base::bad_input(fmt::format("the role {} lacks rights on the external PostgreSQL:{}{}",
                                     quoted(rights.role), needed, wanted),
                         {}, "let a superuser give them, or name another role in the DSN");
}

base::Result<ExternalTerms> check_external(PostgresSession& session,
                                           const ExternalPostgres& external,
                                           const std::string& probe_database) {
  const auto pooled = session.is_pooled();
  if (!pooled) return tl::unexpected(pooled.error());
  if (*pooled) {
    return base::bad_input(
        "a pooler answers there, not PostgreSQL itself: databases cannot be made and copied "
        "through one",
        "$" + external.own_variable,
        fmt::format("let {} name PostgreSQL itself, and postgres.target_dsn_env a variable with "
                    "the pooler's address, which the target will use",
                    external.own_variable));
  }
  const std::string target_role = user_of(external.target);
  const auto rights = session.rights(target_role);
  if (!rights) return tl::unexpected(rights.error());
  auto terms = terms_of(*rights, target_role);
  if (!terms) terms.error().where = "$" + external.own_variable;
  if (terms && !external.target_variable.empty()) {
    POOLBENCH_TRY(check_target_address(session, external, *terms, probe_database));
  }
  return terms;
}

}  // namespace poolbench::service
