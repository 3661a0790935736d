#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "scenario/scenario.h"

namespace poolbench::run {

struct PlannedTrial {
  int block = 0;
  int position = 0;      ///< within the block, or among the pilots
  std::size_t cell = 0;  ///< index into Scenario::cells
  bool pilot = false;
  int attempt = 0;  ///< so many times it has run before, and the machine disturbed it
};

/// A trial that the machine disturbed runs again so many times at most.
inline constexpr int kMostAgain = 2;

/// How a run stands, as far as one can tell.
struct Outlook {
  std::size_t done = 0;   ///< trials, pilots included
  std::size_t left = 0;   ///< the one that was handed out included
  int blocks = 0;         ///< in all
  base::Duration time{};  ///< for those that are left, by estimate()
};

/// Hands out the trials of a run one by one: a pilot for each cell whose warm-up they are to find
/// out; then blocks, each the cells in random order, as many as the design asks for. What the
/// machine disturbed (a trial; of cells in turns the block) runs again at once in its place, up to
/// kMostAgain times. With design.precision blocks are added two by two while the half-width is
/// larger, up to design.max_blocks.
class Schedule {
 public:
  /// The relative half-width of the widest primary interval so far; none while there is an interval
  /// that cannot be given yet.
  using HalfWidth = std::function<std::optional<double>()>;

  /// The scenario outlives the schedule; its warm-ups may change. `half_width` is asked only
  /// between blocks, and only for a scenario with design.precision.
  Schedule(const scenario::Scenario& scenario, std::uint64_t seed, HalfWidth half_width);

  /// The next trial; none at the end. Each is followed by finished().
  std::optional<PlannedTrial> next();
  /// The trial that was handed out has ended, or so many of rest_of_block() together.
  void finished(bool disturbed, std::size_t trials = 1);
  /// Nothing more is handed out; `why` is what stopped() says.
  void end(std::string why) { stopped_ = std::move(why); }

  /// No later block holds this cell.
  void leave_out(std::size_t cell) { left_out_.insert(cell); }

  /// The trial that was handed out and those that follow it in its block, which may run together.
  [[nodiscard]] std::vector<PlannedTrial> rest_of_block() const;

  /// The cell that will probably come after the one that was handed out.
  [[nodiscard]] std::optional<std::size_t> cell_after() const;
  /// The cells of the block that will probably come after this one, in their order.
  [[nodiscard]] std::vector<std::size_t> block_after() const;
  [[nodiscard]] Outlook outlook() const;
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] int blocks_planned() const { return planned_; }
  [[nodiscard]] int blocks_completed() const { return completed_; }
  /// Trials that were run again.
  [[nodiscard]] std::size_t rerun() const { return rerun_; }
  /// The last answer of HalfWidth.
  [[nodiscard]] std::optional<double> half_width() const { return width_; }
  /// Why there is no next trial: "blocks", "precision", "max_blocks" or what end() said; empty
  /// before.
  [[nodiscard]] const std::string& stopped() const { return stopped_; }

 private:
  bool wants_a_block();
  bool more_for_precision();
  void begin_block();
  [[nodiscard]] std::vector<std::size_t> order_of(int block) const;

  const scenario::Scenario& scenario_;
  std::uint64_t seed_;
  HalfWidth ask_half_width_;
  std::set<std::size_t> left_out_;   ///< cells
  std::vector<std::size_t> pilots_;  ///< cells
  std::vector<std::size_t> order_;   ///< of the block
  std::size_t position_ = 0;         ///< in pilots_, and then in order_
  int attempt_ = 0;                  ///< at that position
  bool piloting_ = false;
  int block_ = -1;
  std::size_t done_ = 0;
  int planned_;
  int completed_ = 0;
  std::size_t rerun_ = 0;
  std::optional<double> width_;
  std::string stopped_;
};

}  // namespace poolbench::run
