#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "probe/postgres_session.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/postgres_service.h"

namespace poolbench::run {

/// PostgreSQL as the trials need it: a private cluster or an external server, poolbench's own
/// session in it, one template database for each target, one trial database. On an external server
/// only databases named poolbench_… are made, and dropped at the end.
class DatabaseStage {
 public:
  static base::Result<DatabaseStage> create(process::Supervisor& supervisor,
                                            const scenario::PostgresSettings& settings,
                                            service::PostgresService::Places places,
                                            const std::string& name_suffix);

  /// Makes the server run with these settings (a private one is restarted if it must) and connects.
  base::Result<void> ensure_running(const scenario::PostgresSettings& settings);

  /// Fills the target's template database with its data commands, unless that is done.
  base::Result<void> ensure_template(const scenario::TargetSpec& target,
                                     const std::filesystem::path& prepared,
                                     const std::filesystem::path& log);

  /// Drops what was made on an external server; stops a private one.
  std::vector<std::string> close();

  [[nodiscard]] probe::PostgresSession& session() { return *session_; }
  /// The private server's process; unset for an external one.
  [[nodiscard]] std::optional<pid_t> server() const;
  [[nodiscard]] std::string template_name(const scenario::TargetSpec& target) const;
  [[nodiscard]] std::string trial_name() const { return "poolbench_trial_" + suffix_; }
  /// libpq variables (PGHOST, …, PGDATABASE) for a program that is to use `database`.
  [[nodiscard]] std::map<std::string, std::string> environment(const std::string& database) const;

 private:
  DatabaseStage(process::Supervisor& supervisor, std::string suffix)
      : supervisor_(&supervisor), suffix_(std::move(suffix)) {}
  [[nodiscard]] probe::Conninfo conninfo(const std::string& transport) const;

  process::Supervisor* supervisor_;
  std::string suffix_;
  std::optional<service::PostgresService> private_;
  probe::Conninfo external_;
  std::string transport_ = "tcp";
  std::optional<probe::PostgresSession> session_;
  std::set<std::string> templates_;  ///< names of those made
};

}  // namespace poolbench::run
