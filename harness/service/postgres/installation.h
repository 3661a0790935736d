#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "scenario/scenario.h"
#include "service/prepare.h"

// The programs of PostgreSQL, and the user who may run them.

namespace poolbench::service {

/// The newest PostgreSQL server found: `wanted` if it is not empty, else the usual places
/// (/usr/lib/postgresql/*/bin, /usr/pgsql-*/bin, /usr/local/pgsql/bin, PATH). Returns the folder
/// that holds postgres and initdb. kBadInput says which places were searched and what to install.
base::Result<std::filesystem::path> find_postgres(const std::filesystem::path& wanted);

/// The user a root must become, since PostgreSQL refuses root: "postgres" if it exists, else
/// "nobody"; empty when we are not root.
std::string postgres_user();

/// The program of the server that these settings mean, where every run finds it.
base::Result<std::filesystem::path> installed_program(const scenario::PostgresSettings& settings,
                                                      const Cache& cache);

}  // namespace poolbench::service
