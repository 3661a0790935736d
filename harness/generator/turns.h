#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace poolbench::generator {

/// Which of the generators that take turns with each other this one is. All are given the same
/// slice and start, and know when it is their turn without a word between them.
struct Turn {
  base::SteadyTime start{};  ///< of the first round; the clock is one for all processes
  base::Duration slice{};    ///< the part of a turn that is measured
  int index = 0;
  int count = 1;
  friend bool operator==(const Turn&, const Turn&) = default;
};

/// A turn begins with load that is not measured, so that nothing of the turn before it is still
/// under way, and as many requests are when the slice begins as when it ends.
base::Duration lead_of(base::Duration slice);

/// It ends with such load, too, so that the last requests of the slice end under no other's load.
/// Answers may take so long on average.
base::Duration tail_of(base::Duration slice);

/// Lead, slice and tail.
base::Duration turn_length(base::Duration slice);

/// The time table of one of them: rounds of warm-up, a pause in which nobody sends anything, then
/// rounds of the window. Each has one turn in every round; every other round goes backwards, so
/// that nobody always follows the same one.
class Turns {
 public:
  /// As many rounds as it takes to have `warmup` and `measure` in slices.
  Turns(const Turn& turn, base::Duration warmup, base::Duration measure);

  /// Within the pause: what was warmed up has ended, and what is measured has not begun.
  [[nodiscard]] base::SteadyTime counts_from() const;
  [[nodiscard]] base::SteadyTime window_start() const { return window_start_; }
  [[nodiscard]] base::SteadyTime window_end() const { return window_start_ + measured_ * round_; }

  /// Whether it is our turn.
  [[nodiscard]] bool is_ours(base::SteadyTime time) const;
  /// Whether it is within one of our slices of the window.
  [[nodiscard]] bool is_measured(base::SteadyTime time) const;
  /// How much of the window's slices that are ours has passed.
  [[nodiscard]] base::Duration measured_until(base::SteadyTime time) const;
  /// When our next turn begins; the end of the window after the last one.
  [[nodiscard]] base::SteadyTime next_turn(base::SteadyTime time) const;
  /// What of each turn is before its slice.
  [[nodiscard]] base::Duration lead() const { return lead_of(turn_.slice); }
  /// Whether there are others.
  [[nodiscard]] bool is_shared() const { return turn_.count > 1; }
  /// Each has one turn in it.
  [[nodiscard]] base::Duration round() const { return round_; }

 private:
  /// A time seen from the rounds it falls into.
  struct Place {
    base::SteadyTime rounds_began;
    std::int64_t round = 0;
    base::Duration since_ours{};  ///< since our turn of this round began; negative before
  };
  [[nodiscard]] std::optional<Place> place(base::SteadyTime time) const;
  [[nodiscard]] base::Duration ours_in(std::int64_t round) const;

  Turn turn_;
  base::Duration length_;  ///< of a turn
  base::Duration round_;
  std::int64_t warming_, measured_;  ///< rounds
  base::SteadyTime window_start_;
};

}  // namespace poolbench::generator
