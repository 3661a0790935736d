#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/raii.h"
#include "base/result.h"
#include "base/time.h"
#include "process/interrupt.h"
#include "run/schedule.h"

// What a run holds of the machine while it lasts: the right to measure, and its folders.

namespace poolbench::run {

class Observer;

/// Opens or makes the file by which the runs of all users of a machine see each other. It lies in a
/// folder that everybody may write to, so that what is found there may be anybody's: no link is
/// followed, nothing but a plain file with no other name is accepted, and nothing of its content is
/// touched. kFailed says what is in the way.
base::Result<base::UniqueFd> open_lock_file(const std::filesystem::path& file);

/// Names the run that holds it, unless the file is another user's (root's excepted).
void name_holder(int fd, const std::string& run_id);

/// The run that holds it, if it is named and alive; else empty.
std::string holder(int fd);

/// The run that measures on this machine now (empty: one that is not named); nothing if none does.
/// kFailed says why no run could find out either.
base::Result<std::optional<std::string>> measuring_run();

/// Held while a run measures: two at once would ruin each other's numbers. The kernel lets go of it
/// when the process ends, however it ends.
class MachineLock {
 public:
  /// Waits so long for a run that holds it (unset: not at all), and says so. kFailed names that
  /// run.
  static base::Result<MachineLock> take(const std::string& run_id,
                                        std::optional<base::Duration> wait,
                                        const base::Clock& clock, process::Interrupt& interrupt,
                                        Observer& observer);

 private:
  explicit MachineLock(base::UniqueFd fd) : fd_(std::move(fd)) {}
  base::UniqueFd fd_;
};

/// A folder of its own for what nobody needs afterwards, below /tmp, so that paths in it are short;
/// other users may pass through it. The destructor removes it, sweep_scratch() what was lost.
class ScratchFolder {
 public:
  /// kFailed when it cannot be made, or is there already.
  static base::Result<ScratchFolder> create(const std::string& run_id);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Where all of them lie.
  static std::filesystem::path parent();

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Where a run writes: <results>/<utc>-<scenario>-<id>/ with the report and a folder for each
/// trial, and a scratch folder.
class RunFolder {
 public:
  /// kFailed when a folder cannot be made, with the reason.
  static base::Result<RunFolder> create(const std::filesystem::path& results,
                                        const std::string& scenario_name, const std::string& run_id,
                                        const base::Clock& clock);
  /// The same in the scratch folder: nothing of it is kept.
  static base::Result<RunFolder> create_temporary(const std::string& run_id);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& scratch() const { return scratch_.path(); }
  [[nodiscard]] std::filesystem::path report_file() const { return path_ / "report.json"; }
  [[nodiscard]] std::string report_id() const { return path_.filename().string(); }
  /// Tells a sweep, should this run be lost, what to look for where it does not reach.
  void note_elsewhere(const std::string& text) const;
  /// Eight hexadecimal digits that no other run has.
  [[nodiscard]] const std::string& short_id() const { return short_id_; }

  /// Makes "trials/b<block>-<position>-<cell id>", "…-<position>-again1-…" for a trial that runs
  /// again, or "trials/pilot-…", and returns it.
  [[nodiscard]] base::Result<std::filesystem::path> make_trial_folder(const TrialSpec& spec) const;

 private:
  RunFolder(std::filesystem::path path, ScratchFolder scratch, std::string short_id)
      : path_(std::move(path)), scratch_(std::move(scratch)), short_id_(std::move(short_id)) {}
  std::filesystem::path path_;
  ScratchFolder scratch_;
  std::string short_id_;
};

/// Scratch folders of runs that ended without a chance to remove them.
std::vector<std::filesystem::path> lost_scratch();

/// The scratch folder of a run that ended without a chance to remove it.
struct SweptScratch {
  std::filesystem::path folder;
  std::string elsewhere;  ///< what the run may have left elsewhere, in words; empty: nothing
};
/// Removes them all.
std::vector<SweptScratch> sweep_scratch();

}  // namespace poolbench::run
