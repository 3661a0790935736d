#pragma once

#include <string>
#include <vector>

#include "report/report.h"
#include "run/schedule.h"
#include "run/validity.h"

namespace poolbench::run {

/// Which of several attempts at the same trials stays in the estimates: the least disturbed one,
/// and of equals the first.
class Attempts {
 public:
  /// The report's cells, in the schedule's order, outlive it.
  explicit Attempts(std::vector<report::CellReport>& cells) : cells_(cells) {}

  /// These trials (one; of cells in turns a whole block) have ended and are the last ones of their
  /// cells. `worst` is how the machine disturbed the most disturbed of them. Marks the good and the
  /// disturbed trials of the worse attempt as `superseded`, with the reason.
  void ended(const std::vector<PlannedTrial>& trials, const Disturbance& worst);

 private:
  void supersede(const std::vector<PlannedTrial>& trials, int attempt);

  std::vector<report::CellReport>& cells_;
  Disturbance standing_;  ///< of the attempt that stays so far
  int stays_ = 0;         ///< its number
};

}  // namespace poolbench::run
