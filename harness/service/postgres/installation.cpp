#include "service/postgres/installation.h"

#include <pwd.h>
#include <unistd.h>

#include <charconv>
#include <string>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "process/launch.h"
#include "service/postgres/wheel.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

bool has_server(const fs::path& folder) {
  return ::access((folder / "postgres").c_str(), X_OK) == 0 &&
         ::access((folder / "initdb").c_str(), X_OK) == 0;
}

/// The number a folder's name ends with ("15", "pgsql-17"), 0 if none.
int major_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::size_t digits = name.find_last_not_of("0123456789") + 1;
  int major = 0;
  std::from_chars(name.data() + digits, name.data() + name.size(), major);
  return major;
}

fs::path newest_versioned() {
  fs::path best;
  int best_major = -1;
  for (const fs::path parent : {"/usr/lib/postgresql", "/usr"}) {
    for (const fs::path& entry : base::entries_of(parent).value_or(std::vector<fs::path>{})) {
      const bool candidate = parent != "/usr" || entry.filename().string().starts_with("pgsql-");
      if (!candidate || !has_server(entry / "bin")) continue;
      if (major_of(entry) > best_major) {
        best_major = major_of(entry);
        best = entry / "bin";
      }
    }
  }
  return best;
}

}  // namespace

base::Result<fs::path> find_postgres(const fs::path& wanted) {
  if (!wanted.empty()) {
    if (has_server(wanted)) return wanted;
    return base::bad_input("no PostgreSQL server (postgres and initdb) in " + wanted.string(),
                           wanted.string(), "correct postgres.bin_folder, or leave it out");
  }
  if (fs::path found = newest_versioned(); !found.empty()) return found;
  if (has_server("/usr/local/pgsql/bin")) return fs::path("/usr/local/pgsql/bin");
  if (const auto program = process::find_program("postgres"); !program.empty()) {
    std::error_code ignored;  // an empty folder has no server
    fs::path folder = fs::canonical(program, ignored).parent_path();
    if (has_server(folder)) return folder;
  }
  return base::bad_input(
      "no PostgreSQL server found below /usr/lib/postgresql, /usr/pgsql-*, /usr/local/pgsql or in "
      "PATH",
      {}, "install it (Debian: apt-get install postgresql) or set postgres.bin_folder");
}

std::string postgres_user() {
  if (::geteuid() != 0) return {};
  return ::getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

base::Result<fs::path> installed_program(const scenario::PostgresSettings& settings,
                                         const Cache& cache) {
  fs::path folder;
  if (settings.version.empty()) {
    auto found = find_postgres(settings.bin_folder);
    if (!found) return found;
    folder = *std::move(found);
  } else {
    const auto fetched = find_fetched(settings.version, cache);
    if (!fetched) return tl::unexpected(fetched.error());
    if (!fetched->is_ready) {
      return base::failed("PostgreSQL " + fetched->version + " is not fetched");
    }
    folder = fetched->bin_folder();
  }
  return folder / "postgres";
}

}  // namespace poolbench::service
