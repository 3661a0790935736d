#include "run/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>

#include "process/run_id.h"

namespace poolbench::run {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLongestCellInName = 80;

tl::unexpected<base::Error> cannot_make(const fs::path& folder, const std::string& reason) {
  return base::failed(fmt::format("cannot make the folder {}: {}", folder.string(), reason),
                      folder.string(), "free some space, or name another folder with --out");
}

base::Result<void> make(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return cannot_make(folder, error.message());
  return {};
}

constexpr const char* kTemporary = "/tmp";
constexpr std::string_view kScratchPrefix = "poolbench-run-";

/// A folder that other users may pass through, since PostgreSQL may run as one. Its path must be
/// short, since PostgreSQL's socket lies in it.
base::Result<fs::path> make_scratch(const std::string& run_id) {
  fs::path folder = fs::path(kTemporary) / (std::string(kScratchPrefix) + run_id);
  constexpr mode_t kPassThrough = 0711;
  if (::mkdir(folder.c_str(), kPassThrough) != 0 || ::chmod(folder.c_str(), kPassThrough) != 0) {
    return cannot_make(folder, std::strerror(errno));
  }
  return folder;
}

std::string safe_name(const std::string& cell_id) {
  std::string name;
  for (const char c : cell_id.substr(0, kLongestCellInName)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("=,.-_").find(c) != std::string_view::npos;
    name += plain ? c : '_';
  }
  return name;
}

}  // namespace

base::Result<RunFolder> RunFolder::create(const fs::path& results, const std::string& scenario_name,
                                          const std::string& run_id, const base::Clock& clock) {
  RunFolder folder;
  folder.short_id_ = fmt::format("{:08x}", std::random_device{}());
  const auto now = std::chrono::system_clock::to_time_t(clock.utc_now());
  folder.path_ = results / fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{}", fmt::gmtime(now), scenario_name,
                                       folder.short_id_);
  POOLBENCH_TRY(make(folder.path_));
  auto scratch = make_scratch(run_id);
  if (!scratch) return tl::unexpected(scratch.error());
  folder.scratch_ = std::move(*scratch);
  return folder;
}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : path_(std::move(other.path_)),
      scratch_(std::exchange(other.scratch_, {})),
      short_id_(std::move(other.short_id_)) {}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!scratch_.empty()) fs::remove_all(scratch_, ignored);
}

base::Result<fs::path> RunFolder::make_trial_folder(const PlannedTrial& planned,
                                                    const std::string& cell_id) const {
  const std::string block = planned.pilot ? "pilot" : fmt::format("b{:02}", planned.block);
  fs::path folder =
      path_ / "trials" / fmt::format("{}-{:02}-{}", block, planned.position, safe_name(cell_id));
  POOLBENCH_TRY(make(folder));
  return folder;
}

std::vector<fs::path> sweep_scratch() {
  std::vector<fs::path> removed;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(kTemporary, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kScratchPrefix) || entry.is_symlink(ignored)) continue;
    const std::string run_id = name.substr(kScratchPrefix.size());
    if (process::state_of_run(run_id) != process::RunState::kLost) continue;
    if (fs::remove_all(entry.path(), ignored) > 0) removed.push_back(entry.path());
  }
  return removed;
}

}  // namespace poolbench::run
