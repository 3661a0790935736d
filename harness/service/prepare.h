#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/target/target_file.h"

// What is made once and kept between runs.

namespace poolbench::service {

/// Where things are kept between runs: $POOLBENCH_CACHE, else $XDG_CACHE_HOME/poolbench if that is
/// an absolute path (others are to be ignored, says its specification), else ~/.cache/poolbench. It
/// need not exist.
std::filesystem::path cache_folder(const base::Environment& caller = base::own_environment());

/// Where tools/setup --generators puts what it builds.
std::filesystem::path tools_folder();

/// Where that is kept which is made once: prepared targets, database clusters, fresh and
/// with data.
struct Cache {
  std::filesystem::path kept;      ///< what is there already is used
  std::filesystem::path writable;  ///< what is missing is made here: the same folder, or one that
                                   ///< is gone with the run
  std::string warning{};           ///< why nothing can be kept, and what to do; empty: it can

  [[nodiscard]] bool can_keep() const { return kept == writable; }
};

/// The cache of a run. Where nothing can be written to cache_folder(), what is missing there is
/// made in `scratch`.
Cache open_cache(const std::filesystem::path& scratch,
                 const base::Environment& caller = base::own_environment());

/// SHA-256 over names and content of the inputs' files (scenario::input_files, in order), and then
/// over the commands that read them, as target.toml has them.
base::Result<std::string> hash_inputs(const std::filesystem::path& folder,
                                      const std::vector<std::string>& inputs,
                                      const std::vector<std::vector<std::string>>& commands);

/// What the programs of a target or service need (a virtual environment, say). It is made once for
/// each content of the inputs.
struct PreparedProgram {
  std::filesystem::path folder;
  std::string inputs_hash{};
  bool is_ready = false;  ///< false: prepare_program() has to make it, which may take minutes

  [[nodiscard]] std::filesystem::path log() const { return folder.string() + ".log"; }
};

/// Where the program's own is, or will be.
base::Result<PreparedProgram> find_prepared(const scenario::ProgramSpec& program,
                                            const Cache& cache);

/// Makes it.
base::Result<void> prepare_program(process::Supervisor& supervisor,
                                   const scenario::ProgramSpec& program,
                                   const PreparedProgram& prepared);

/// Copies a prepared folder into `folder`, for services that run as another user, who may not look
/// into our cache. Returns the copy.
base::Result<std::filesystem::path> copy_for_services(const std::filesystem::path& prepared,
                                                      const std::filesystem::path& folder);

}  // namespace poolbench::service
