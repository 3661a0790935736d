#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/report.h"
#include "report/validity.h"
#include "run/schedule.h"

// What a run decides by what its trials have shown so far.

namespace poolbench::run {

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

/// Which of several attempts at the same trials stays in the estimates: the least disturbed one,
/// and of equals the first.
class Attempts {
 public:
  /// The report's cells, in the schedule's order, and what it declares outlive it.
  Attempts(std::vector<report::CellReport>& cells, const report::DeclaredMetrics& declared)
      : cells_(cells), declared_(declared) {}

  /// These trials (one; of cells in turns a whole block) have ended and are the last ones of their
  /// cells. `worst` is how the machine disturbed the most disturbed of them. Marks the good and the
  /// disturbed trials of the worse attempt as `superseded`, with the reason.
  void ended(const std::vector<TrialSpec>& trials, const report::Disturbance& worst);

 private:
  void supersede(const std::vector<TrialSpec>& trials, int attempt);

  std::vector<report::CellReport>& cells_;
  const report::DeclaredMetrics& declared_;
  report::Disturbance standing_;  ///< of the attempt that stays so far
  int stays_ = 0;                 ///< its number
};

/// The relative half-width √(high ÷ low) − 1 of the widest primary interval: of the comparisons or,
/// in a report without any, of the cells' throughput. Those that have nothing to estimate (a failed
/// cell, a value of 0) are left out. None while an interval is missing, or if there is none at all.
std::optional<double> widest_half_width(const report::Report& report);

}  // namespace poolbench::run
