#pragma once

#include <memory>
#include <string>
#include <vector>

#include "process/supervisor.h"
#include "run/block_runner.h"

namespace poolbench::run {

class RunFolder;
class Setup;

/// Runs blocks with processes of this machine.
class LocalBlockRunner final : public BlockRunner {
 public:
  /// Everything it is given outlives it.
  LocalBlockRunner(const scenario::Scenario& scenario, const base::Clock& clock,
                   process::Supervisor& supervisor, Observer& observer, const RunFolder& folder);
  ~LocalBlockRunner() override;
  LocalBlockRunner(const LocalBlockRunner&) = delete;
  LocalBlockRunner& operator=(const LocalBlockRunner&) = delete;

  base::Result<void> prepare(report::Environment& environment,
                             const scenario::Cell& first) override;
  base::Result<BlockOutcome> run_block(std::vector<TrialSpec> trials,
                                       const std::vector<const scenario::Cell*>& next) override;
  std::vector<std::string> close() override;

 private:
  std::unique_ptr<Setup> setup_;
};

}  // namespace poolbench::run
