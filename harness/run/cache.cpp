#include "run/cache.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace poolbench::run {
namespace fs = std::filesystem;
namespace {

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

service::Cache open_cache(const fs::path& scratch,
                          const std::function<void(const std::string&)>& note,
                          const base::Environment& caller) {
  const fs::path folder = cache_folder(caller);
  const std::string why = why_unwritable(folder, home_of(caller));
  if (why.empty()) return {folder, folder};
  note(
      fmt::format("nothing can be kept in {} ({}): what this run prepares is gone with it. Set "
                  "POOLBENCH_CACHE to a folder that can be written",
                  folder.string(), why));
  return {folder, scratch};
}

}  // namespace poolbench::run
