#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "run/schedule.h"

namespace poolbench::run {

/// Where a run writes: <results>/<utc>-<scenario>-<id>/ with the report and a folder for each
/// trial, and a scratch folder for what nobody needs afterwards (removed by the destructor).
class RunFolder {
 public:
  /// kFailed when a folder cannot be made, with the reason.
  static base::Result<RunFolder> create(const std::filesystem::path& results,
                                        const std::string& scenario_name, const std::string& run_id,
                                        const base::Clock& clock);
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  ~RunFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const std::filesystem::path& scratch() const { return scratch_; }
  [[nodiscard]] std::filesystem::path report_file() const { return path_ / "report.json"; }
  [[nodiscard]] std::string report_id() const { return path_.filename().string(); }
  /// Eight hexadecimal digits that no other run has.
  [[nodiscard]] const std::string& short_id() const { return short_id_; }

  /// Makes "trials/b<block>-<position>-<cell id>", or "trials/pilot-…", and returns it.
  [[nodiscard]] base::Result<std::filesystem::path> make_trial_folder(
      const PlannedTrial& planned, const std::string& cell_id) const;

 private:
  RunFolder() = default;
  std::filesystem::path path_;
  std::filesystem::path scratch_;
  std::string short_id_;
};

/// Removes the scratch folders of runs that ended without a chance to do so. Returns their paths.
std::vector<std::filesystem::path> sweep_scratch();

}  // namespace poolbench::run
