#pragma once

#include <optional>
#include <vector>

#include "report/report.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// The cell as a pilot trial runs it: ten seconds of load from the first request on, by the native
/// generator, whose series shows when the target has become steady.
scenario::Cell pilot_of(const scenario::Cell& cell);

/// What a run learns from its pilots: how long the warm-up of its trials has to be.
class Pilots {
 public:
  void add(const scenario::Cell& cell, const report::Trial& trial);

  /// The longest time that a pilot took to become steady (MSER-5) and a quarter of it more, in
  /// tenths of a second; at least half a second, which is the least that MSER-5 can see, and two
  /// seconds if no pilot says anything.
  [[nodiscard]] base::Duration warmup() const;
  /// Cells that were not steady within the first half of their pilot: the warm-up may be too short.
  [[nodiscard]] const std::vector<std::string>& never_steady() const { return never_steady_; }
  /// For the report's design.
  [[nodiscard]] const std::vector<report::Pilot>& list() const { return list_; }

 private:
  std::optional<base::Duration> longest_;
  std::vector<std::string> never_steady_;
  std::vector<report::Pilot> list_;
};

}  // namespace poolbench::run
