#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "service/postgres/conninfo.h"

namespace poolbench::service {

/// What a server stores of a role's password for SCRAM: it checks the password, and is not it, so
/// that the server's log may show it. Connects to the server for a moment.
base::Result<std::string> scram_verifier(const Conninfo& conninfo, const std::string& role,
                                         const std::string& password);

/// Counters of one database since it was created.
struct DatabaseCounters {
  std::int64_t sessions = 0;   ///< pg_stat_database.sessions
  std::int64_t deadlocks = 0;  ///< pg_stat_database.deadlocks
  /// Where the whole server's write-ahead log ends, in bytes; unset on a standby.
  std::optional<double> wal_position;
};

/// The module that counts statements, which is also its extension's name.
inline constexpr const char* kStatements = "pg_stat_statements";

/// What clients' statements did in one database since the server counts them.
struct StatementCounters {
  std::int64_t calls = 0;
  double execution_us = 0;
  std::int64_t forgotten = 0;  ///< how often statements were dropped, since there were too many
};

/// The client backends of a database at one moment, as pg_stat_activity tells.
struct SessionActivity {
  std::int64_t sessions = 0;
  std::map<std::string, std::int64_t> by_state;  ///< "active", "idle", "idle in transaction", …
  /// The active ones by the type of the event that they wait for; "none": they wait for nothing.
  std::map<std::string, std::int64_t> active_by_wait;
};

/// What the role of a session may do on its server.
struct Rights {
  std::string role;
  int version = 0;  ///< server_version_num: 150018
  bool creates_databases = false;
  bool checkpoints = false;
  bool target_role_exists = true;    ///< the role that a target will have
  bool owns_for_target = true;       ///< may make databases that belong to it
  bool sees_target_sessions = true;  ///< may see what they are
};

/// The one connection that poolbench itself holds, to a maintenance database, never to the measured
/// one: it makes and drops databases and reads statistics. Used from one thread.
class PostgresSession {
 public:
  /// Connects within 10 seconds. kFailed with libpq's own words.
  static base::Result<PostgresSession> connect(const Conninfo& conninfo);
  PostgresSession(PostgresSession&&) noexcept;
  PostgresSession& operator=(PostgresSession&&) noexcept;
  ~PostgresSession();

  /// Whether the server still answers on this connection.
  bool is_alive();

  /// Of the session's own role unless an owner is named.
  base::Result<void> create_database(std::string_view name, std::string_view from_template = {},
                                     std::string_view owner = {});
  /// Also ends the sessions that are still connected to it. No error if it does not exist.
  base::Result<void> drop_database(std::string_view name);
  base::Result<void> checkpoint();
  /// A role without any rights of its own but to log in. No error if it exists.
  base::Result<void> create_role(std::string_view name);
  /// `verifier`: from scram_verifier().
  base::Result<void> set_password(std::string_view role, const std::string& verifier);
  /// The role's sessions to come begin with these settings, and with no others that were set so.
  /// kBadInput with PostgreSQL's words for one that it refuses.
  base::Result<void> set_role_settings(std::string_view role,
                                       const std::map<std::string, std::string>& settings);
  /// Runs statements, several of them in one transaction. The error has all of PostgreSQL's words,
  /// with "LINE n" where it knows the place.
  base::Result<void> execute(const std::string& sql);
  /// In the database that the session is connected to. No error if it exists.
  base::Result<void> create_extension(std::string_view name);

  /// Turns fsync on or off for the whole server, by configuration reload; for throw-away clusters
  /// only. Has no effect where fsync was set on the server's command line.
  base::Result<void> set_fsync(bool on);

  base::Result<DatabaseCounters> read_counters(std::string_view database);
  /// Of other roles than the session's own. The session's database must have the extension.
  base::Result<StatementCounters> read_statements(std::string_view database);
  /// What the client backends of the database do now, less the one of that process.
  base::Result<SessionActivity> activity(std::string_view database, pid_t without = 0);

  /// Turns log_connections and log_disconnections off for sessions to come, or lets the server's
  /// own settings hold again; otherwise as set_fsync.
  base::Result<void> log_sessions(bool on);

  /// `target_role`: the role that a target will have; empty: the session's own.
  base::Result<Rights> rights(const std::string& target_role);
  /// Whether something between libpq and PostgreSQL shares its sessions out: the process that the
  /// server names is then another than the one that the connection was told.
  base::Result<bool> is_pooled();
  /// The name of the database that the session is in.
  base::Result<std::string> database();

  /// "15.18".
  base::Result<std::string> version();
  /// Whose build it is, where its version tells: "Debian" of "15.18 (Debian 15.18-0+deb12u1)".
  base::Result<std::optional<std::string>> packager();
  /// The named settings as they hold in this session; those that the server does not have are left
  /// out.
  base::Result<std::map<std::string, std::string>> settings(const std::vector<std::string>& names);
  /// Settings that differ from the built-in default, as pg_settings shows them.
  base::Result<std::map<std::string, std::string>> changed_settings();

 private:
  struct Connection;
  explicit PostgresSession(std::unique_ptr<Connection> connection);
  template <typename Function>
  auto guarded(std::string_view doing, Function function) -> base::Result<decltype(function())>;
  std::unique_ptr<Connection> connection_;
};

}  // namespace poolbench::service
