#include "run/attempts.h"

#include <algorithm>

namespace poolbench::run {

void Attempts::ended(const std::vector<PlannedTrial>& trials, const Disturbance& worst) {
  const int attempt = trials.front().attempt;
  if (attempt == 0) {
    standing_ = worst;
    stays_ = 0;
  } else if (worst < standing_) {
    supersede(trials, stays_);
    standing_ = worst;
    stays_ = attempt;
  } else {
    supersede(trials, attempt);
  }
}

/// Errors stay what they are: a result, whatever became of the other trials of a block.
void Attempts::supersede(const std::vector<PlannedTrial>& trials, int attempt) {
  for (const PlannedTrial& planned : trials) {
    report::CellReport& cell = cells_[planned.cell];
    for (report::Trial& trial : cell.trials) {
      if (trial.block != planned.block || trial.attempt != attempt) continue;
      if (trial.status != report::TrialStatus::kOk && !trial.disturbed) continue;
      trial.status = report::TrialStatus::kSuperseded;
      if (!trial.disturbed)
        trial.reasons.emplace_back("the machine disturbed another of its block");
    }
    report::summarise(cell);
  }
}

}  // namespace poolbench::run
