#include "run/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>
#include <utility>

#include "base/file.h"
#include "process/sweep.h"

namespace poolbench::run {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLongestCellInName = 80;

tl::unexpected<base::Error> cannot_make(const fs::path& folder, const std::string& reason) {
  return base::failed(fmt::format("cannot make the folder {}: {}", folder.string(), reason),
                      folder.string(), "free some space, or name another folder with --out");
}

base::Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return cannot_make(folder, error.message());
  return {};
}

constexpr const char* kTemporary = "/tmp";
constexpr std::string_view kScratchPrefix = "poolbench-run-";
constexpr const char* kElsewhere = "elsewhere";

std::string make_short_id() { return fmt::format("{:08x}", std::random_device{}()); }

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

// PostgreSQL may run as another user, and its socket lies there.
base::Result<ScratchFolder> ScratchFolder::create(const std::string& run_id) {
  fs::path folder = fs::path(kTemporary) / (std::string(kScratchPrefix) + run_id);
  constexpr mode_t kPassThrough = 0711;
  if (::mkdir(folder.c_str(), kPassThrough) != 0 || ::chmod(folder.c_str(), kPassThrough) != 0) {
    return cannot_make(folder, std::strerror(errno));
  }
  return ScratchFolder(std::move(folder));
}

fs::path ScratchFolder::parent() { return kTemporary; }

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

base::Result<RunFolder> RunFolder::create(const fs::path& results, const std::string& scenario_name,
                                          const std::string& run_id, const base::Clock& clock) {
  const std::string short_id = make_short_id();
  const auto now = std::chrono::system_clock::to_time_t(clock.utc_now());
  fs::path path =
      results / fmt::format("{:%Y%m%dT%H%M%SZ}-{}-{}", fmt::gmtime(now), scenario_name, short_id);
  POOLBENCH_TRY(make_folder(path));
  auto scratch = ScratchFolder::create(run_id);
  if (!scratch) return tl::unexpected(scratch.error());
  return RunFolder(std::move(path), std::move(*scratch), short_id);
}

base::Result<RunFolder> RunFolder::create_temporary(const std::string& run_id) {
  auto scratch = ScratchFolder::create(run_id);
  if (!scratch) return tl::unexpected(scratch.error());
  fs::path path = scratch->path() / "run";
  POOLBENCH_TRY(make_folder(path));
  return RunFolder(std::move(path), std::move(*scratch), make_short_id());
}

base::Result<fs::path> RunFolder::make_trial_folder(const TrialSpec& spec) const {
  const std::string block = spec.pilot ? "pilot" : fmt::format("b{:02}", spec.block);
  const std::string again = spec.attempt == 0 ? "" : fmt::format("-again{}", spec.attempt);
  fs::path folder =
      path_ / "trials" /
      fmt::format("{}-{:02}{}-{}", block, spec.position, again, safe_name(spec.cell.id));
  POOLBENCH_TRY(make_folder(folder));
  return folder;
}

void RunFolder::note_elsewhere(const std::string& text) const {
  // Without it a sweep says less.
  static_cast<void>(base::write_file_atomically(scratch() / kElsewhere, text));
}

std::vector<fs::path> lost_scratch() {
  std::vector<fs::path> lost;
  std::error_code ignored;
  for (const auto& entry : base::entries_of(kTemporary).value_or(std::vector<fs::path>{})) {
    const std::string name = entry.filename().string();
    if (!name.starts_with(kScratchPrefix) || fs::is_symlink(entry, ignored)) continue;
    const std::string run_id = name.substr(kScratchPrefix.size());
    if (process::state_of_run(run_id) == process::RunState::kLost) lost.push_back(entry);
  }
  return lost;
}

std::vector<SweptScratch> sweep_scratch() {
  std::vector<SweptScratch> removed;
  for (const fs::path& folder : lost_scratch()) {
    const std::string elsewhere = base::read_file(folder / kElsewhere).value_or("");
    std::error_code error;
    fs::remove_all(folder, error);
    if (!error) removed.push_back({folder, elsewhere});
  }
  return removed;
}

}  // namespace poolbench::run
