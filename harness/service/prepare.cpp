#include "service/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/sha256.h"
#include "service/ready.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kInputsHashDigits = 16;
constexpr const char* kMarker = ".poolbench-prepared";

std::set<fs::path> files_below(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(path, ignored)) {
    const bool byte_code = entry.path().parent_path().filename() == "__pycache__";
    if (entry.is_regular_file(ignored) && !byte_code) files.insert(entry.path());
  }
  return files;
}

}  // namespace

base::Result<std::string> hash_inputs(const fs::path& folder,
                                      const std::vector<std::string>& inputs) {
  std::string all;
  for (const std::string& input : inputs) {
    for (const fs::path& file : files_below(folder / input)) {
      const auto content = base::read_file(file);
      if (!content) return tl::unexpected(content.error());
      all += fmt::format("{}\n{}\n", file.lexically_relative(folder).string(),
                         base::sha256_hex(*content));
    }
  }
  return base::sha256_hex(all);
}

std::vector<std::string> target_command(const scenario::TargetSpec& target,
                                        std::vector<std::string> argv, const fs::path& prepared) {
  constexpr std::string_view kPrepared = "{prepared}";
  for (std::string& word : argv) {
    const std::size_t at = word.find(kPrepared);
    if (at != std::string::npos) word.replace(at, kPrepared.size(), prepared.string());
  }
  fs::path program(argv.front());
  if (program.is_relative() && program.has_parent_path()) {
    argv.front() = (target.folder / program).lexically_normal().string();
  }
  return argv;
}

base::Result<fs::path> prepare_target(process::Supervisor& supervisor,
                                      const scenario::TargetSpec& target, const Cache& cache,
                                      const std::function<void(const std::string&)>& say) {
  const auto hash = hash_inputs(target.folder, target.prepare.inputs);
  if (!hash) return tl::unexpected(hash.error());
  const fs::path name =
      fs::path("targets") / fmt::format("{}-{}", target.name, hash->substr(0, kInputsHashDigits));
  fs::path folder = cache.kept / name;
  std::error_code error;
  if (target.prepare.command.empty() || fs::exists(folder / kMarker, error)) return folder;
  folder = cache.writable / name;
  fs::create_directories(folder, error);
  if (error) {
    return base::failed(fmt::format("cannot make {}: {}", folder.string(), error.message()),
                        folder.string(), "set POOLBENCH_CACHE to a folder that can be written");
  }
  process::Command command;
  command.name = "preparation of target " + target.name;
  command.argv = target_command(target, target.prepare.command, folder);
  command.environment = base::own_environment();  // proxies, certificates, indexes of packages …
  command.folder = target.folder;
  command.log = folder.string() + ".log";
  say(fmt::format("preparing target {} (once; log: {})", target.name, command.log.string()));
  POOLBENCH_TRY(run_to_success(supervisor, command, target.prepare.timeout));
  POOLBENCH_TRY(base::write_file_atomically(folder / kMarker, *hash + "\n"));
  return folder;
}

}  // namespace poolbench::service
