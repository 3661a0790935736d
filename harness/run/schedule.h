#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "report/words.h"
#include "scenario/scenario.h"

// Which trials a run holds, in which order, and how long they take.

namespace poolbench::run {

/// One trial to run.
struct TrialSpec {
  scenario::Cell cell;         ///< as this trial runs it: a pilot has another load
  std::size_t cell_index = 0;  ///< in Scenario::cells
  int block = 0;
  int position = 0;  ///< within the block, or among the pilots
  bool pilot = false;
  std::uint64_t seed = 0;  ///< of what requests draw: that of the block, so that cells draw alike
  int attempt = 0;         ///< so many times it has run before, and was disturbed
  std::string template_database{};   ///< what its own database is a copy of
  std::filesystem::path prepared{};  ///< the target's prepared folder
  std::filesystem::path folder{};    ///< for its logs
  std::filesystem::path socket{};    ///< where its target listens, if that is a unix socket
  std::filesystem::path files{};     ///< folder of the files that are rendered for its target
  std::filesystem::path services{};  ///< folder of those of its services
  /// Prepared folders of its services, by name.
  std::map<std::string, std::filesystem::path> prepared_services{};
  bool only_verified = false;  ///< it ends when its answer is verified: no load
};

/// A trial that the machine disturbed runs again so many times at most.
inline constexpr int kMostAgain = 2;

/// The order of the cells in a block: an independent random permutation for each block, which
/// depends on nothing but these three numbers and is the same on every machine.
std::vector<std::size_t> block_order(std::uint64_t seed, int block, std::size_t cells);

/// The cell as a pilot trial runs it: ten seconds of load from the first request on, by the native
/// generator, whose series shows when the target has become steady.
scenario::Cell pilot_of(const scenario::Cell& cell);

/// What a trial is expected to take: warm-up and measuring, with the leads and tails of its turns,
/// a tenth of a second for a log-in, and about a second and a half to start and stop.
base::Duration estimate(const scenario::Cell& cell);

/// Of a whole run, its pilots and the making of its data included.
struct TimeEstimate {
  base::Duration least{};    ///< with design.precision, with the blocks it begins with
  base::Duration most{};     ///< with design.precision, with the most blocks; else the same
  base::Duration longest{};  ///< those, where the machine disturbs every trial each time
};
/// `data` is what making the data takes.
TimeEstimate estimate(const scenario::Scenario& scenario, base::Duration data = {});

/// How a run stands, as far as one can tell.
struct Outlook {
  std::size_t done = 0;   ///< trials, pilots included
  std::size_t left = 0;   ///< those that were handed out included
  int blocks = 0;         ///< in all
  base::Duration time{};  ///< for those that are left, by estimate()
};

/// Hands out the trials of a run: a pilot for each cell whose warm-up they are to find out; then
/// blocks, each the cells in random order, as many as the design asks for. What the machine
/// disturbed (a trial; of cells in turns the block) runs again at once in its place, up to
/// kMostAgain times. With design.precision blocks are added two by two while the half-width is
/// larger, up to design.max_blocks.
class Schedule {
 public:
  /// The scenario outlives the schedule; its warm-ups may change.
  Schedule(const scenario::Scenario& scenario, std::uint64_t seed);

  /// Whether next() decides by the half-width whether there is another block.
  [[nodiscard]] bool needs_half_width() const;
  /// What runs next: one trial, or with design.slice the whole block at once; nothing at the end.
  /// `half_width` is the relative one of the widest primary interval so far, unset while there is
  /// an interval that cannot be given yet.
  std::vector<TrialSpec> next(std::optional<double> half_width = std::nullopt);
  /// What was handed out has ended.
  void finished(bool disturbed);
  /// Nothing more is handed out; `why` is what stopped() says.
  void end(report::Stopped why) { stopped_ = why; }

  /// No later block holds this cell.
  void leave_out(std::size_t cell) { left_out_.insert(cell); }

  /// The cells that will probably come after what was handed out, in their order.
  [[nodiscard]] std::vector<std::size_t> cells_after() const;
  [[nodiscard]] Outlook outlook() const;
  /// There are pilots that have not ended.
  [[nodiscard]] bool is_piloting() const { return position_in_pilots_ < pilots_.size(); }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] int blocks_planned() const { return planned_; }
  [[nodiscard]] int blocks_completed() const { return completed_; }
  /// Trials that were run again.
  [[nodiscard]] std::size_t rerun() const { return rerun_; }
  /// The last one that a decision was made by.
  [[nodiscard]] std::optional<double> half_width() const { return width_; }
  /// Why there is no next trial; unset before.
  [[nodiscard]] std::optional<report::Stopped> stopped() const { return stopped_; }

 private:
  [[nodiscard]] bool in_turns() const { return scenario_.design.slice.has_value(); }
  bool wants_a_block(std::optional<double> half_width);
  bool more_for_precision(std::optional<double> half_width);
  void begin_block();
  [[nodiscard]] TrialSpec trial_at(std::size_t position) const;
  [[nodiscard]] std::vector<std::size_t> order_of(int block) const;
  [[nodiscard]] std::vector<std::size_t> block_after() const;

  const scenario::Scenario& scenario_;
  std::uint64_t seed_;
  std::set<std::size_t> left_out_;   ///< cells
  std::vector<std::size_t> pilots_;  ///< cells
  std::size_t position_in_pilots_ = 0;
  std::vector<std::size_t> order_;  ///< of the block
  std::size_t position_ = 0;        ///< in order_
  int attempt_ = 0;                 ///< at that position
  std::size_t handed_out_ = 0;
  int block_ = -1;
  std::size_t done_ = 0;
  int planned_;
  int completed_ = 0;
  std::size_t rerun_ = 0;
  std::optional<double> width_;
  std::optional<report::Stopped> stopped_;
};

/// The longest time that a run may take, from when it is made.
class TimeLimit {
 public:
  /// No limit without `most`. The clock outlives it.
  TimeLimit(const base::Clock& clock, std::optional<base::Duration> most)
      : clock_(clock), began_(clock.steady_now()), most_(most) {}

  /// Whether something of which estimate() says this would probably end in time, at the pace of
  /// what was done so far, but not faster than estimated.
  [[nodiscard]] bool allows(base::Duration estimate) const;
  /// Something took so long that was estimated so.
  void took(base::Duration time, base::Duration estimate);
  /// What is left of it; never negative, and none without a limit.
  [[nodiscard]] std::optional<base::Duration> left() const;
  [[nodiscard]] const std::optional<base::Duration>& most() const { return most_; }

 private:
  const base::Clock& clock_;
  base::SteadyTime began_;
  std::optional<base::Duration> most_;
  base::Duration taken_{}, estimated_{};
};

}  // namespace poolbench::run
