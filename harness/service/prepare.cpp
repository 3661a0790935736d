#include "service/prepare.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/environment.h"
#include "base/file.h"
#include "base/json.h"
#include "process/run_command.h"
#include "scenario/target/target_file.h"
#include "service/target_command.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kInputsHashDigits = 16;
constexpr const char* kMarker = ".poolbench-prepared";

fs::path value_of(const base::Environment& caller, const char* variable) {
  const auto found = caller.find(variable);
  return found == caller.end() ? fs::path() : fs::path(found->second);
}

fs::path home_of(const base::Environment& caller) {
  if (fs::path home = value_of(caller, "HOME"); home.is_absolute()) return home;
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? "/" : entry->pw_dir;
}

fs::path cache_below(const fs::path& home) { return home / ".cache" / "poolbench"; }

/// Makes the folder, but no home for it. Why nothing can be written there; empty if it can.
std::string why_unwritable(const fs::path& folder, const fs::path& home) {
  std::error_code error;
  if (folder == cache_below(home) && !fs::is_directory(home, error)) {
    return fmt::format("there is no folder {}", home.string());
  }
  fs::create_directories(folder, error);
  if (error) return error.message();
  return ::access(folder.c_str(), W_OK | X_OK) == 0 ? "" : std::strerror(errno);
}

}  // namespace

fs::path cache_folder(const base::Environment& caller) {
  std::error_code ignored;
  if (const fs::path own = value_of(caller, "POOLBENCH_CACHE"); !own.empty()) {
    return fs::absolute(own, ignored);
  }
  const fs::path everybodys = value_of(caller, "XDG_CACHE_HOME");
  return everybodys.is_absolute() ? everybodys / "poolbench" : cache_below(home_of(caller));
}

fs::path tools_folder() { return cache_folder() / "generators" / "bin"; }

Cache open_cache(const fs::path& scratch, const base::Environment& caller) {
  const fs::path folder = cache_folder(caller);
  const std::string why = why_unwritable(folder, home_of(caller));
  if (why.empty()) return {folder, folder};
  return {folder, scratch,
          fmt::format("nothing can be kept in {} ({}): what this run prepares is gone with it. Set "
                      "POOLBENCH_CACHE to a folder that can be written",
                      folder.string(), why)};
}

base::Result<std::string> hash_inputs(const fs::path& folder,
                                      const std::vector<std::string>& inputs,
                                      const std::vector<std::vector<std::string>>& commands) {
  std::string all;
  for (const std::string& input : inputs) {
    const auto files = scenario::input_files(folder, input);
    if (!files) return tl::unexpected(files.error());
    for (const auto& [file, link] : *files) {
      const auto hash = link.empty() ? base::sha256_of_file(file) : base::sha256_hex(link);
      if (!hash) return tl::unexpected(hash.error());
      all += fmt::format("{}\n{}\n", file.lexically_relative(folder).string(), *hash);
    }
  }
  for (const auto& command : commands) all += fmt::format("{}\n", base::json_dump(command));
  return base::sha256_hex(all);
}

base::Result<PreparedProgram> find_prepared(const scenario::ProgramSpec& program,
                                            const Cache& cache) {
  const auto hash = hash_inputs(program.folder, program.prepare.inputs, {program.prepare.command});
  if (!hash) return tl::unexpected(hash.error());
  const fs::path name = fs::path(program.kind + "s") /
                        fmt::format("{}-{}", program.name, hash->substr(0, kInputsHashDigits));
  std::error_code error;
  if (program.prepare.command.empty() || fs::exists(cache.kept / name / kMarker, error)) {
    return PreparedProgram{cache.kept / name, *hash, true};
  }
  return PreparedProgram{cache.writable / name, *hash, false};
}

base::Result<void> prepare_program(process::Supervisor& supervisor,
                                   const scenario::ProgramSpec& program,
                                   const PreparedProgram& prepared) {
  const fs::path& folder = prepared.folder;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()),
                        folder.string(), "set POOLBENCH_CACHE to a folder that can be written");
  }
  process::Command command;
  command.name = fmt::format("preparation of {} {}", program.kind, program.name);
  POOLBENCH_TRY(set_words(command, program, program.prepare.command, target_words(folder)));
  command.environment = base::own_environment();  // proxies, certificates, indexes of packages …
  command.folder = program.folder;
  command.log = prepared.log();
  POOLBENCH_TRY(process::run_to_success(supervisor, command, program.prepare.timeout));
  return base::write_file_atomically(folder / kMarker, prepared.inputs_hash + "\n");
}

base::Result<fs::path> copy_for_services(const fs::path& prepared, const fs::path& folder) {
  // Two services may share what was prepared.
  constexpr auto kOptions = fs::copy_options::recursive | fs::copy_options::copy_symlinks |
                            fs::copy_options::skip_existing;
  std::error_code error;
  fs::create_directories(folder, error);
  fs::path copy = folder / prepared.filename();
  if (!error) {
    fs::copy(prepared, copy, kOptions, error);
  }
  if (!error) return copy;
  return base::failed(
      fmt::format("cannot copy {} to {}: {}", prepared.string(), copy.string(), error.message()));
}

}  // namespace poolbench::service
