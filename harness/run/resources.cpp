#include "run/resources.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>

#include "base/file.h"
#include "base/text.h"
#include "process/sweep.h"
#include "run/block_runner.h"

namespace poolbench::run {
namespace fs = std::filesystem;
namespace {

constexpr mode_t kForEveryUser = 0666;
constexpr int kCarefully = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

base::UniqueFd make_lock_file(const fs::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | kCarefully, kForEveryUser));
  if (fd) ::fchmod(fd.get(), kForEveryUser);  // past the umask
  return fd;
}

// Without O_CREAT first: in a sticky folder the kernel refuses O_CREAT on another user's file.
base::UniqueFd open_or_make(const fs::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_RDWR | kCarefully));
  if (!fd && errno == ENOENT) {
    fd = make_lock_file(file);
    if (!fd && errno == EEXIST) fd.reset(::open(file.c_str(), O_RDWR | kCarefully));
  }
  // To lock it, to read it is enough.
  if (!fd && errno == EACCES) fd.reset(::open(file.c_str(), O_RDONLY | kCarefully));
  return fd;
}

/// The same for every user and every value of TMPDIR.
constexpr const char* kLockFile = "/tmp/poolbench.lock";
constexpr base::Duration kLookAgain = std::chrono::milliseconds(200);

base::Error held_by(const std::string& run_id) {
  return {
      base::ErrorCode::kFailed,
      fmt::format("another poolbench is measuring on this machine{}",
                  run_id.empty() ? "" : fmt::format(" (run {})", run_id)),
      kLockFile,
      "wait until it is done, or give --wait: two runs at once would ruin each other's numbers"};
}

/// Whether the lock was had before the deadline; an error if an interrupt came first.
base::Result<bool> lock_until(int fd, base::SteadyTime deadline, const base::Clock& clock,
                              process::Interrupt& interrupt) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const auto now = clock.steady_now();
    if (now >= deadline) return false;
    pollfd signals{interrupt.fd(), POLLIN, 0};
    process::pause({&signals, 1}, now + std::min<base::Duration>(kLookAgain, deadline - now));
    if (interrupt.poll() != 0) return base::interrupted("interrupted");
  }
  return true;
}

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

base::Result<base::UniqueFd> open_lock_file(const fs::path& file) {
  const auto refused = [&](std::string_view why) {
    return base::failed(fmt::format("cannot use the lock {}: {}", file.string(), why),
                        file.string(), "find out whose it is, and remove it");
  };
  base::UniqueFd fd = open_or_make(file);
  if (!fd) return refused(errno == ELOOP ? "it is a symbolic link" : std::strerror(errno));
  struct stat found{};
  if (::fstat(fd.get(), &found) != 0) return refused(std::strerror(errno));
  if (!S_ISREG(found.st_mode)) return refused("it is not a plain file");
  if (found.st_nlink != 1) return refused("it is a link to a file that has other names");
  return fd;
}

void name_holder(int fd, const std::string& run_id) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) return;
  if (found.st_uid != ::geteuid() && found.st_uid != 0) return;
  // A longer line of before may follow; only the first counts.
  const std::string line = run_id + "\n";
  [[maybe_unused]] const auto written = ::pwrite(fd, line.data(), line.size(), 0);
}

std::string holder(int fd) {
  std::array<char, 128> start{};
  const ssize_t got = ::pread(fd, start.data(), start.size(), 0);
  if (got <= 0) return {};
  const std::string id = base::first_line({start.data(), static_cast<std::size_t>(got)});
  return process::state_of_run(id) == process::RunState::kAlive ? id : std::string();
}

base::Result<std::optional<std::string>> measuring_run() {
  const auto fd = open_lock_file(kLockFile);
  if (!fd) return tl::unexpected(fd.error());
  // Shared, and let go of at once: others who look are no run.
  if (::flock(fd->get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  return holder(fd->get());
}

base::Result<MachineLock> MachineLock::take(const std::string& run_id,
                                            std::optional<base::Duration> wait,
                                            const base::Clock& clock, process::Interrupt& interrupt,
                                            Observer& observer) {
  auto fd = open_lock_file(kLockFile);
  if (!fd) return tl::unexpected(fd.error());
  const auto now = clock.steady_now();
  auto locked = lock_until(fd->get(), now, clock, interrupt);
  if (locked && !*locked && wait) {
    observer.note(held_by(holder(fd->get())).message + "; waiting for it");
    const auto longest = base::SteadyTime::max() - now;
    locked =
        lock_until(fd->get(), now + std::min<base::Duration>(*wait, longest), clock, interrupt);
  }
  if (!locked) return tl::unexpected(locked.error());
  if (!*locked) return tl::unexpected(held_by(holder(fd->get())));
  name_holder(fd->get(), run_id);
  return MachineLock(std::move(*fd));
}

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
