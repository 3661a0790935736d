#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "scenario/scenario.h"
#include "service/postgres/session.h"

namespace poolbench::service {

/// How an external server is reached.
struct ExternalPostgres {
  Conninfo own;     ///< PostgreSQL itself (postgres.dsn_env)
  Conninfo target;  ///< what targets use: postgres.target_dsn_env, else the same
  std::string own_variable, target_variable;  ///< the latter is empty if there is none

  /// What data commands use: PostgreSQL itself, since a pooler would keep sessions of the database
  /// that is to be copied, as the role that the target has.
  [[nodiscard]] Conninfo for_data() const;
};

/// Reads the environment variables that the scenario names. kBadInput for one that is not set, or
/// that holds no address.
base::Result<ExternalPostgres> find_external(const scenario::PostgresSettings& settings);
/// The same for every cell that uses an external server; starts nothing.
base::Result<void> check_addresses(const scenario::Scenario& scenario);

/// What the checks of an external server gave.
struct ExternalTerms {
  std::string owner;  ///< role that the trials' databases must belong to; empty: the session's own
  bool may_checkpoint = true;
  std::vector<std::string> warnings;  ///< with what to grant
};

/// From the rights of the session's role: the terms, or every right that is lacking, with the
/// commands that give it.
base::Result<ExternalTerms> terms_of(const Rights& rights, const std::string& target_role);

/// Checks what a run will need, all at once: that it is PostgreSQL and no pooler, the role's
/// rights, and that a new database (`probe_database`, made and dropped) is reached by the target's
/// address.
base::Result<ExternalTerms> check_external(PostgresSession& session,
                                           const ExternalPostgres& external,
                                           const std::string& probe_database);

}  // namespace poolbench::service
