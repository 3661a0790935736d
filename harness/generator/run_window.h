#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "generator/options.h"
#include "generator/thread_stats.h"
#include "generator/turns.h"

namespace poolbench::generator {

/// The times of a run, shared by its threads: warm-up, then the measured window, which ends at a
/// time or after a number of requests, whatever is first.
class RunWindow {
 public:
  explicit RunWindow(const Options& options)
      : warmup_(options.warmup),
        measure_(options.measure),
        count_(options.request_count),
        patience_(options.drain ? options.timeout + kGrace : base::Duration{}) {
    if (options.turn) turns_.emplace(*options.turn, options.warmup, options.measure);
  }

  /// The run begins. A window by duration is settled with this.
  void begin(base::SteadyTime now);
  /// By count: the answers of the warm-up are in, so the window begins.
  void open_window(base::SteadyTime now);
  /// Ends the window early; what is in flight is to be aborted.
  void interrupt(base::SteadyTime now);

  [[nodiscard]] Window window() const { return {start_, end_, turns_ ? &*turns_ : nullptr}; }
  [[nodiscard]] bool by_count() const { return count_ > 0; }
  [[nodiscard]] bool interrupted() const { return interrupted_; }
  [[nodiscard]] base::SteadyTime began() const { return began_; }
  [[nodiscard]] base::SteadyTime warm_until() const { return began_.load() + warmup_; }
  /// When the evidence of the window begins: with it, or in the pause before turns.
  [[nodiscard]] base::SteadyTime evidence_from() const {
    return turns_ ? turns_->counts_from() : start_.load();
  }
  /// When it ends, if that is before the last request has ended.
  [[nodiscard]] base::SteadyTime evidence_until() const {
    return turns_ ? Window::kNever : end_.load();
  }
  /// The first moment from `now` on at which there may be a request; those of a count, and the end
  /// of a ramp, are not foreseen.
  [[nodiscard]] base::SteadyTime next_chance(base::SteadyTime now) const {
    return !turns_ || turns_->is_ours(now) ? now : turns_->next_turn(now);
  }
  /// Whether that is a time of the window, and ours.
  [[nodiscard]] bool measures(base::SteadyTime now) const {
    return !is_over(now) && window().holds(now);
  }
  /// Between the end of a warm-up and a window by count, which starts with nothing in flight.
  [[nodiscard]] bool is_holding(base::SteadyTime now) const {
    return now >= warm_until() && start_.load() == Window::kNever;
  }
  /// No request will be given out any more.
  [[nodiscard]] bool is_over(base::SteadyTime now) const {
    return now >= end_.load() || (by_count() && given_.load() >= count_);
  }
  /// What is still under way must be ended now. Requests end by their own time-out; what waits in a
  /// queue behind them does not.
  [[nodiscard]] bool is_cut_off(base::SteadyTime now) const {
    const base::SteadyTime end = end_.load();
    return interrupted_ || (now >= end && now - end >= patience_);
  }
  /// The number of a request to be planned for `now`, or none if there is to be none now.
  std::optional<std::uint64_t> ticket(base::SteadyTime now);

 private:
  static constexpr std::chrono::milliseconds kGrace{100};

  const base::Duration warmup_;
  const base::Duration measure_;
  const std::uint64_t count_;
  const base::Duration patience_;  // with what is under way at the end
  std::optional<Turns> turns_;
  std::atomic<base::SteadyTime> began_{base::SteadyTime{}};
  std::atomic<base::SteadyTime> start_{Window::kNever};
  std::atomic<base::SteadyTime> end_{Window::kNever};
  std::atomic<bool> interrupted_{false};
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> given_{0};  // of the window
};

}  // namespace poolbench::generator
