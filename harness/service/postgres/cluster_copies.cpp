// Where the files of a private cluster come from, and how they are kept for later runs.
#include <fmt/format.h>
#include <unistd.h>

#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "process/run_command.h"
#include "service/postgres/cluster.h"

namespace poolbench::service {
namespace fs = std::filesystem;
namespace {

constexpr base::Duration kInitdbLimit = std::chrono::minutes(2);
constexpr base::Duration kCopyLimit = std::chrono::minutes(10);
constexpr base::Duration kProgramLimit = std::chrono::seconds(60);
constexpr std::size_t kShortHash = 12;

bool is_interrupted(const base::Result<void>& result) {
  return !result && result.error().code == base::ErrorCode::kInterrupted;
}

/// What a cluster runs under: on another version, packaging or locale its files would mean
/// something else, and another user could not read them.
std::string server_of(const std::string& version, const fs::path& bin_folder) {
  std::error_code error;
  const fs::path real = fs::canonical(bin_folder, error);
  return base::sha256_hex(fmt::format("{}\n{}\n{}\nUTF8 C\n", version,
                                      (error ? bin_folder : real).string(), ::geteuid()));
}

}  // namespace

base::Result<void> PostgresCluster::initdb() {
  process::Command command = as_postgres(
      {(bin_folder_ / "initdb").string(), "--pgdata", data().string(), "--auth", "trust",
       "--username", kSuperuser, "--encoding", "UTF8", "--no-locale", "--no-sync"});
  command.name = "initdb";
  return process::run_to_success(*supervisor_, command, kInitdbLimit);
}

base::Result<void> PostgresCluster::copy(const fs::path& from, const fs::path& to) {
  process::Command command;
  command.name = "copy of " + from.string();
  command.argv = {"cp", "-a", "--reflink=auto", from.string(), to.string()};
  command.environment = base::standard_environment();
  command.log = places_.log;
  return process::run_to_success(*supervisor_, command, kCopyLimit);
}

base::Result<void> PostgresCluster::make_cluster() {
  const auto version = process::capture_stdout(
      *supervisor_, as_postgres({(bin_folder_ / "postgres").string(), "--version"}), kProgramLimit);
  if (!version) return tl::unexpected(version.error());
  version_ = *version;
  const auto copied = copy_kept();
  if (!copied) return tl::unexpected(copied.error());
  return *copied ? base::Result<void>{} : copy_fresh();
}

/// Copies the kept cluster that holds most of the data sets of the run; false if there is none. One
/// that cannot be copied, or that another run removed meanwhile, is as good as none.
base::Result<bool> PostgresCluster::copy_kept() {
  const auto all = kept_clusters(places_.cache.kept);
  const KeptCluster* kept = choose(all, server_of(version_, installed_at_), places_.data_keys);
  if (kept == nullptr) return false;
  const auto copied = copy(kept->cluster(), data());
  if (is_interrupted(copied)) return tl::unexpected(copied.error());
  if (!copied || !is_there(*kept)) {
    std::error_code ignored;
    fs::remove_all(data(), ignored);
    return false;
  }
  touch(*kept);
  kept_ = kept->templates;
  kept_in_ = kept->folder;
  return true;
}

base::Result<void> PostgresCluster::copy_fresh() {
  const std::string key =
      base::sha256_hex(fmt::format("{}\n{}\n{}\n", version_, installed_at_.string(), ::geteuid()));
  const fs::path kept = places_.cache.kept / "clusters" / key.substr(0, kShortHash);
  std::error_code error;
  if (fs::exists(kept, error)) return copy(kept, data());

  POOLBENCH_TRY(initdb());
  if (!places_.cache.can_keep()) return {};
  fs::create_directories(kept.parent_path(), error);
  const fs::path half = fmt::format("{}.{}", kept.string(), ::getpid());
  const auto copied = copy(data(), half);
  if (copied) fs::rename(half, kept, error);
  // Another run kept its own first, or there is no room: only the next run's start is slower.
  if (!copied || error) fs::remove_all(half, error);
  return is_interrupted(copied) ? copied : base::Result<void>{};
}

/// Segments of the log that the making of data left would be copied each time; and trials that
/// write would find them there to be used again in the run that made the data, and in no other.
base::Result<void> PostgresCluster::drop_old_wal() {
  process::Command command =
      as_postgres({(bin_folder_ / "pg_resetwal").string(), "-D", data().string()});
  command.name = "pg_resetwal";
  return process::run_to_success(*supervisor_, command, kProgramLimit);
}

base::Result<std::string> PostgresCluster::keep(std::vector<KeptTemplate> templates) {
  const auto not_kept = [](const std::string& why) { return why; };
  for (const std::string& remark : stop()) return not_kept(remark);
  // It refuses a cluster that was not shut down as it should be.
  const auto reset = drop_old_wal();
  if (is_interrupted(reset)) return tl::unexpected(reset.error());
  if (!reset) return not_kept(base::first_line(reset.error().message));
  KeptCluster kept{{},
                   server_of(version_, installed_at_),
                   program_stamp(installed_at_ / "postgres"),
                   bytes_below(data()),
                   std::move(templates)};
  if (kept.bytes > KeptBounds{}.bytes) {
    return not_kept(fmt::format("they take {} MiB, more than the {} MiB that are kept at most",
                                kept.bytes >> 20U, KeptBounds{}.bytes >> 20U));
  }
  const fs::path& cache = places_.cache.writable;
  const auto begun = begin_keeping(cache);
  if (!begun) return not_kept(begun.error().message);
  const auto copied = copy(data(), *begun / "cluster");
  if (!copied) {
    std::error_code ignored;
    fs::remove_all(*begun, ignored);
    if (is_interrupted(copied)) return tl::unexpected(copied.error());
    return not_kept(base::first_line(copied.error().message));
  }
  const auto finished = finish_keeping(cache, *begun, std::move(kept));
  return finished ? std::string() : not_kept(finished.error().message);
}

}  // namespace poolbench::service
