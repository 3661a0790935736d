#pragma once

#include <poll.h>

#include <span>

#include "base/raii.h"
#include "base/result.h"
#include "base/time.h"

namespace poolbench::process {

/// Turns INT, TERM and HUP into something one can wait for. Construct it first thing in main,
/// before any thread: it blocks those signals and CHLD (children get a clean mask at exec). A HUP
/// that was ignored from the start (nohup) stays ignored.
class Interrupt {
 public:
  static base::Result<Interrupt> install();

  /// Becomes readable when a signal arrives; for poll only.
  [[nodiscard]] int fd() const { return signals_.get(); }

  /// Takes what has arrived. Returns the first signal ever received, 0 if none so far.
  int poll();
  /// How many of INT, TERM, HUP have arrived; the second means: no more patience.
  [[nodiscard]] int count() const { return count_; }
  [[nodiscard]] int first() const { return first_; }

  /// Ends this process by the signal it was interrupted with, so that a parent sees the truth.
  [[noreturn]] void die_of_it() const;

 private:
  explicit Interrupt(base::UniqueFd signals) : signals_(std::move(signals)) {}
  base::UniqueFd signals_;
  int first_ = 0;
  int count_ = 0;
};

/// ppoll until a descriptor has an event or the deadline passes; false at the deadline. A deadline
/// in the past still looks once.
bool pause(std::span<pollfd> fds, base::SteadyTime deadline);

}  // namespace poolbench::process
