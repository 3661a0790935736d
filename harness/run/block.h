#pragma once

#include <string>
#include <vector>

#include "run/block_runner.h"
#include "run/setup.h"

namespace poolbench::run {

/// Runs blocks with processes of this machine.
class LocalBlockRunner final : public BlockRunner {
 public:
  /// Everything it is given outlives it.
  LocalBlockRunner(const scenario::Scenario& scenario, const base::Clock& clock,
                   process::Supervisor& supervisor, Observer& observer, const RunFolder& folder)
      : setup_(scenario, clock, supervisor, observer, folder) {}

  base::Result<void> prepare(base::Json& environment, const scenario::Cell& first) override {
    return setup_.prepare(environment, first);
  }
  base::Result<BlockOutcome> run_block(std::vector<TrialSpec> trials,
                                       const std::vector<const scenario::Cell*>& next) override;
  std::vector<std::string> close() override { return setup_.close(); }

 private:
  Setup setup_;
};

}  // namespace poolbench::run
