#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "run/block_runner.h"
#include "scenario/scenario.h"

namespace poolbench::cli {

/// Tells on stderr how a run goes on: a line for each finished trial, and on a terminal a live line
/// below it with the cell, the block, the phase, the cell's rate so far and the time left. When
/// `verbose`, a line for each phase, too.
class Progress final : public run::Observer {
 public:
  Progress(const base::Clock& clock, bool terminal, bool verbose)
      : clock_(clock), terminal_(terminal), verbose_(verbose) {}
  ~Progress() override;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void note(const std::string& text) override;
  void trial_started(const run::TrialSpec& trial, const run::Outlook& outlook) override;
  void phase_started(const std::string& phase) override;
  void under_load() override;
  void trial_finished(const report::Trial& trial) override;

 private:
  void draw_live_line();
  void erase_live_line() const;
  [[nodiscard]] std::string place() const;
  /// The end of a log that belongs to a reason is told once for each cell.
  [[nodiscard]] std::string result_of(const report::Trial& trial, const std::string& cell);
  /// `estimated` at the pace of the trials so far.
  [[nodiscard]] std::string time_left(base::Duration estimated) const;

  const base::Clock& clock_;
  bool terminal_;
  bool verbose_;
  /// A trial that has begun.
  struct Started {
    run::TrialSpec trial;
    base::Duration estimate{};
  };
  std::deque<Started> running_;  ///< the one that will be told next is the first
  std::size_t told_ = 0;         ///< of those that began together
  run::Outlook outlook_;
  std::string phase_;
  base::SteadyTime phase_since_;
  base::SteadyTime drawn_at_;
  base::Duration taken_{};          ///< by the finished trials
  base::Duration estimated_{};      ///< for the same trials
  base::Duration told_estimate_{};  ///< for those and the told ones of the running
  base::SteadyTime running_since_;
  std::map<std::string, std::vector<double>> rates_;         ///< by cell
  std::set<std::pair<std::string, std::string>> explained_;  ///< cells and what befell them
};

}  // namespace poolbench::cli
