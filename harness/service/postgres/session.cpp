#include "service/postgres/session.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <pqxx/pqxx>
#include <stdexcept>
#include <variant>

#include "base/text.h"

namespace poolbench::service {
namespace {

constexpr std::string_view kConnectTimeoutSeconds = "10";

/// Settings that are lists of names, whose elements ALTER ROLE wants one by one; pg_dump has the
/// same list.
constexpr std::array<std::string_view, 6> kListsOfNames{
    "local_preload_libraries",  "search_path",      "session_preload_libraries",
    "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"};

/// The value as the words of one setting: the elements of a list of names, without their quotes.
std::vector<std::string> elements_of(const std::string& name, const std::string& value) {
  if (std::ranges::find(kListsOfNames, name) == kListsOfNames.end()) return {value};
  std::vector<std::string> elements;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t comma = std::min(value.find(',', begin), value.size());
    const std::size_t first = std::min(value.find_first_not_of(" \"", begin), comma);
    std::size_t last = comma;
    while (last > first && (value[last - 1] == ' ' || value[last - 1] == '"')) --last;
    elements.push_back(value.substr(first, last - first));
    begin = comma + 1;
  }
  return elements;
}

}  // namespace

base::Result<std::string> scram_verifier(const Conninfo& conninfo, const std::string& role,
                                         const std::string& password) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(to_dsn(conninfo).c_str()), PQfinish);
  const std::unique_ptr<char, decltype(&PQfreemem)> verifier(
      PQencryptPasswordConn(connection.get(), password.c_str(), role.c_str(), "scram-sha-256"),
      PQfreemem);
  if (verifier) return std::string(verifier.get());
  return base::failed("libpq could not make a SCRAM verifier: " +
                      base::first_line(PQerrorMessage(connection.get())));
}

struct PostgresSession::Connection {
  explicit Connection(const std::string& dsn) : pqxx(dsn) {}
  pqxx::connection pqxx;

  pqxx::result exec(const std::string& sql) {
    pqxx::nontransaction work(pqxx);
    return work.exec(sql);
  }
  std::string identifier(std::string_view name) { return pqxx.quote_name(std::string(name)); }
  std::string literal(std::string_view text) { return pqxx.quote(std::string(text)); }
};

PostgresSession::PostgresSession(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
PostgresSession::PostgresSession(PostgresSession&&) noexcept = default;
PostgresSession& PostgresSession::operator=(PostgresSession&&) noexcept = default;
PostgresSession::~PostgresSession() = default;

base::Result<PostgresSession> PostgresSession::connect(const Conninfo& conninfo) {
  Conninfo complete = conninfo;
  complete.emplace("connect_timeout", kConnectTimeoutSeconds);
  complete.emplace("application_name", "poolbench");
  try {
    return PostgresSession(std::make_unique<Connection>(to_dsn(complete)));
  } catch (const std::exception& error) {
    return base::failed(
        fmt::format("cannot connect to PostgreSQL: {}", base::first_line(error.what())), {},
        "check that the server runs and that the user may connect to it");
  }
}

template <typename Function>
auto PostgresSession::guarded(std::string_view doing, Function function)
    -> base::Result<decltype(function())> {
  try {
    if constexpr (std::is_void_v<decltype(function())>) {
      function();
      return {};
    } else {
      return function();
    }
  } catch (const std::exception& error) {
    return base::failed(
        fmt::format("PostgreSQL could not {}: {}", doing, base::first_line(error.what())));
  }
}

bool PostgresSession::is_alive() {
  return guarded("answer", [&] { connection_->exec("SELECT 1"); }).has_value();
}

base::Result<void> PostgresSession::create_database(std::string_view name,
                                                    std::string_view from_template,
                                                    std::string_view owner) {
  return guarded(fmt::format("create the database {}", name), [&] {
    std::string sql = "CREATE DATABASE " + connection_->identifier(name);
    if (!owner.empty()) sql += " OWNER " + connection_->identifier(owner);
    if (!from_template.empty()) sql += " TEMPLATE " + connection_->identifier(from_template);
    connection_->exec(sql);
  });
}

base::Result<void> PostgresSession::drop_database(std::string_view name) {
  return guarded(fmt::format("drop the database {}", name), [&] {
    connection_->exec("DROP DATABASE IF EXISTS " + connection_->identifier(name) + " WITH (FORCE)");
  });
}

base::Result<void> PostgresSession::checkpoint() {
  return guarded("make a checkpoint", [&] { connection_->exec("CHECKPOINT"); });
}

base::Result<void> PostgresSession::create_role(std::string_view name) {
  return guarded(fmt::format("create the role {}", name), [&] {
    const auto rows =
        connection_->exec("SELECT FROM pg_roles WHERE rolname = " + connection_->literal(name));
    if (rows.empty()) connection_->exec("CREATE ROLE " + connection_->identifier(name) + " LOGIN");
  });
}

base::Result<void> PostgresSession::set_password(std::string_view role,
                                                 const std::string& verifier) {
  return guarded(fmt::format("set the password of the role {}", role), [&] {
    connection_->exec("ALTER ROLE " + connection_->identifier(role) + " PASSWORD " +
                      connection_->literal(verifier));
  });
}

base::Result<void> PostgresSession::set_role_settings(
    std::string_view role, const std::map<std::string, std::string>& settings) {
  const std::string alter = "ALTER ROLE " + connection_->identifier(role);
  POOLBENCH_TRY(
      guarded("reset the role's settings", [&] { connection_->exec(alter + " RESET ALL"); }));
  for (const auto& [name, value] : settings) {
    auto set = guarded(fmt::format("set {} for the target's role", name), [&] {
      std::string values;
      for (const std::string& each : elements_of(name, value)) {
        values += (values.empty() ? "" : ", ") + connection_->literal(each);
      }
      connection_->exec(alter + " SET " + connection_->identifier(name) + " TO " + values);
    });
    if (set) continue;
    set.error().code = base::ErrorCode::kBadInput;
    set.error().where = "postgres.role_settings." + name;
    set.error().next = "correct postgres.role_settings";
    return set;
  }
  return {};
}

base::Result<void> PostgresSession::execute(const std::string& sql) {
  try {
    connection_->exec(sql);
    return {};
  } catch (const std::exception& error) {
    return base::failed(error.what());
  }
}

base::Result<void> PostgresSession::create_extension(std::string_view name) {
  return guarded(fmt::format("create the extension {}", name), [&] {
    connection_->exec("CREATE EXTENSION IF NOT EXISTS " + connection_->identifier(name) +
                      " CASCADE");
  });
}

base::Result<void> PostgresSession::set_fsync(bool on) {
  return guarded("change fsync", [&] {
    connection_->exec(on ? "ALTER SYSTEM RESET fsync" : "ALTER SYSTEM SET fsync = off");
    connection_->exec("SELECT pg_reload_conf()");
  });
}

base::Result<void> PostgresSession::log_sessions(bool on) {
  return guarded("change what it logs", [&] {
    for (const char* name : {"log_connections", "log_disconnections"}) {
      connection_->exec(fmt::format(
          fmt::runtime(on ? "ALTER SYSTEM RESET {}" : "ALTER SYSTEM SET {} = off"), name));
    }
    connection_->exec("SELECT pg_reload_conf()");
  });
}

base::Result<DatabaseCounters> PostgresSession::read_counters(std::string_view database) {
  return guarded("read pg_stat_database", [&] {
    const auto rows = connection_->exec(
        "SELECT pg_stat_get_db_sessions(oid), pg_stat_get_db_deadlocks(oid),"
        " CASE WHEN NOT pg_is_in_recovery()"
        " THEN pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') END"
        " FROM pg_database WHERE datname = " +
        connection_->literal(database));
    const auto row = rows.at(0);
    DatabaseCounters counters{row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), {}};
    if (!row[2].is_null()) counters.wal_position = row[2].as<double>();
    return counters;
  });
}

base::Result<StatementCounters> PostgresSession::read_statements(std::string_view database) {
  return guarded("tell what statements did", [&] {
    const auto row = connection_
                         ->exec(
                             "SELECT coalesce(sum(calls), 0)::bigint,"
                             " coalesce(sum(total_exec_time), 0) * 1000,"
                             " (SELECT dealloc FROM pg_stat_statements_info)"
                             " FROM pg_stat_statements(false) WHERE toplevel"
                             " AND dbid = (SELECT oid FROM pg_database WHERE datname = " +
                             connection_->literal(database) +
                             ") AND userid <> (SELECT oid FROM pg_roles"
                             " WHERE rolname = current_user)")
                         .at(0);
    return StatementCounters{row[0].as<std::int64_t>(), row[1].as<double>(),
                             row[2].as<std::int64_t>()};
  });
}

base::Result<SessionActivity> PostgresSession::activity(std::string_view database, pid_t without) {
  return guarded("tell what its sessions do", [&] {
    const auto rows = connection_->exec(
        "SELECT coalesce(state, ''), coalesce(wait_event_type, 'none'), backend_type IS NULL,"
        " count(*) FROM pg_stat_get_activity(NULL)"
        " WHERE datid = (SELECT oid FROM pg_database WHERE datname = " +
        connection_->literal(database) +
        fmt::format(") AND pid <> {} AND (backend_type = 'client backend'"
                    " OR (backend_type IS NULL AND usesysid IS NOT NULL)) GROUP BY 1, 2, 3",
                    without));
    SessionActivity activity;
    for (const auto& row : rows) {
      if (row[2].as<bool>()) {
        throw std::runtime_error("the role may not see other roles' sessions (pg_read_all_stats)");
      }
      const auto state = row[0].as<std::string>();
      const auto count = row[3].as<std::int64_t>();
      activity.sessions += count;
      activity.by_state[state] += count;
      if (state == "active") activity.active_by_wait[row[1].as<std::string>()] += count;
    }
    return activity;
  });
}

base::Result<Rights> PostgresSession::rights(const std::string& target_role) {
  return guarded("tell the role's rights", [&] {
    const std::string target =
        target_role.empty() ? "current_user" : connection_->literal(target_role);
    // Since 16 membership alone does not let a role give something to the other.
    const auto row = connection_->exec(
        "WITH own AS (SELECT * FROM pg_roles WHERE rolname = current_user),"
        " other AS (SELECT oid FROM pg_roles WHERE rolname = " +
        target +
        "),"
        " may AS (SELECT rolname, pg_has_role(current_user, oid, 'USAGE') AS so FROM pg_roles)"
        " SELECT current_user, current_setting('server_version_num')::int,"
        " own.rolsuper OR own.rolcreatedb,"
        " own.rolsuper OR coalesce((SELECT so FROM may WHERE rolname = 'pg_checkpoint'), false),"
        " EXISTS (SELECT FROM other),"
        " coalesce((SELECT pg_has_role(current_user, oid, CASE WHEN"
        " current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)"
        " FROM other), own.rolsuper),"
        " coalesce((SELECT pg_has_role(current_user, oid, 'USAGE') FROM other), true)"
        " OR (SELECT so FROM may WHERE rolname = 'pg_read_all_stats') FROM own")[0];
    return Rights{row[0].as<std::string>(), row[1].as<int>(),  row[2].as<bool>(), row[3].as<bool>(),
                  row[4].as<bool>(),        row[5].as<bool>(), row[6].as<bool>()};
  });
}

base::Result<bool> PostgresSession::is_pooled() {
  return guarded("name its process", [&] {
    const auto process = connection_->exec("SELECT pg_backend_pid()").at(0).at(0).as<int>();
    return process != connection_->pqxx.backendpid();
  });
}

base::Result<std::string> PostgresSession::database() {
  return guarded("name the database", [&] {
    return connection_->exec("SELECT current_database()").at(0).at(0).as<std::string>();
  });
}

base::Result<std::string> PostgresSession::version() {
  return guarded("tell its version", [&] {
    const auto rows = connection_->exec("SHOW server_version");
    const auto text = rows.at(0).at(0).as<std::string>();
    return text.substr(0, text.find(' '));
  });
}

base::Result<std::optional<std::string>> PostgresSession::packager() {
  return guarded("tell its version", [&] {
    const auto text = connection_->exec("SHOW server_version").at(0).at(0).as<std::string>();
    const std::size_t open = text.find('(');
    std::optional<std::string> packager;
    if (open != std::string::npos) {
      packager = text.substr(open + 1, text.find_first_of(" )", open) - open - 1);
    }
    return packager;
  });
}

base::Result<std::map<std::string, std::string>> PostgresSession::settings(
    const std::vector<std::string>& names) {
  return guarded("tell its settings", [&] {
    std::map<std::string, std::string> settings;
    for (const std::string& name : names) {
      const auto rows =
          connection_->exec("SELECT current_setting(" + connection_->literal(name) + ", true)");
      if (!rows.at(0).at(0).is_null()) settings[name] = rows.at(0).at(0).as<std::string>();
    }
    return settings;
  });
}

base::Result<std::map<std::string, std::string>> PostgresSession::changed_settings() {
  return guarded("list its settings", [&] {
    std::map<std::string, std::string> settings;
    const auto rows = connection_->exec(
        "SELECT name, current_setting(name) FROM pg_settings "
        "WHERE source NOT IN ('default', 'client', 'override', 'session') ORDER BY name");
    for (const auto& row : rows) settings[row[0].as<std::string>()] = row[1].as<std::string>();
    return settings;
  });
}

}  // namespace poolbench::service
