#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "process/supervisor.h"
#include "report/report.h"

namespace poolbench::doctor {

/// A folder that a run writes to.
struct Folder {
  std::filesystem::path path;
  std::filesystem::path existing;           ///< itself, or the nearest above it that is there
  std::string unwritable;                   ///< why nothing can be written there; empty: it can
  std::optional<std::uint64_t> free_bytes;  ///< unset: the file system tells no size
};

/// An external load generator.
struct GeneratorState {
  std::string name;
  bool is_installed = false;
  base::Result<std::string> version;  ///< of one that is installed; an error: it cannot be used
};

/// Docker's command line.
struct DockerState {
  bool is_installed = false;
  base::Result<std::string> server_version;  ///< where it is installed; an error: no answer
};

/// All that the checks look at.
struct Machine {
  std::filesystem::path root = "/";  ///< below which proc, sys and etc are read
  report::HostEvidence watched;      ///< while nothing of ours ran
  std::int64_t cpus = 1;
  rlimit open_files{};

  Folder scratch, cache, results;

  base::Result<std::string> postgres;  ///< the version, and where it is
  std::vector<GeneratorState> generators;
  DockerState docker;
  bool is_root = false;
  std::string database_user;  ///< whom a root becomes for PostgreSQL; empty: there is no such user

  /// The run that measures now (empty: one without a name), none, or why no run can lock the
  /// machine.
  base::Result<std::optional<std::string>> measuring;
  std::size_t lost_processes = 0, lost_folders = 0;  ///< of runs that were killed
};

/// Looks at this machine, for two seconds; `results` is where reports will be written. Fails on an
/// interrupt only.
base::Result<Machine> look_at_machine(process::Supervisor& supervisor,
                                      const std::filesystem::path& results);

}  // namespace poolbench::doctor
