#include "service/prepare.h"

#include <fmt/format.h>

#include "base/environment.h"
#include "base/file.h"
#include "base/json.h"
#include "process/run_command.h"
#include "scenario/target/input_files.h"
#include "service/target_words.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kInputsHashDigits = 16;
constexpr const char* kMarker = ".poolbench-prepared";

}  // namespace

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

base::Result<fs::path> prepare_target(process::Supervisor& supervisor,
                                      const scenario::TargetSpec& target, const Cache& cache,
                                      const std::function<void(const std::string&)>& say) {
  const auto hash = hash_inputs(target.folder, target.prepare.inputs, {target.prepare.command});
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
  POOLBENCH_TRY(set_words(command, target, target.prepare.command, target_words(folder)));
  command.environment = base::own_environment();  // proxies, certificates, indexes of packages …
  command.folder = target.folder;
  command.log = folder.string() + ".log";
  say(fmt::format("preparing target {} (once; log: {})", target.name, command.log.string()));
  POOLBENCH_TRY(process::run_to_success(supervisor, command, target.prepare.timeout));
  POOLBENCH_TRY(base::write_file_atomically(folder / kMarker, *hash + "\n"));
  return folder;
}

}  // namespace poolbench::service
