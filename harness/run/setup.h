#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "run/block.h"
#include "run/generators.h"
#include "run/observer.h"
#include "run/run_folder.h"
#include "scenario/scenario.h"
#include "service/cache.h"
#include "service/postgres/databases.h"

namespace poolbench::run {

/// What all trials of a run share: prepared targets, generators, PostgreSQL with a template
/// database for each target. Everything it is given outlives it.
class Setup {
 public:
  Setup(const scenario::Scenario& scenario, const base::Clock& clock,
        process::Supervisor& supervisor, Observer& observer, const RunFolder& folder)
      : scenario_(scenario),
        clock_(clock),
        supervisor_(supervisor),
        observer_(observer),
        folder_(folder) {}

  /// Makes everything ready, for the cell `first` first of all, and describes it in `environment`,
  /// which holds what was found out even when it fails.
  base::Result<void> prepare(report::Environment& environment, const scenario::Cell& first);

  /// A cell to run, with its logs in `folder`.
  struct Task {
    const scenario::Cell* cell = nullptr;
    std::filesystem::path folder;
  };
  /// Runs each once, all at the same time; meanwhile begins what the cells `next` will need. Fails
  /// when no trial can be run any more.
  base::Result<std::vector<TrialOutcome>> run(const std::vector<Task>& tasks,
                                              const std::vector<const scenario::Cell*>& next);

  /// Stops and removes everything; returns what is worth telling.
  std::vector<std::string> close();

 private:
  base::Result<void> find_generators(report::Environment& environment);
  void note(report::Environment& environment, const std::string& text);
  base::Result<void> prepare_targets();
  base::Result<void> start_postgres(report::Environment& environment);
  base::Result<void> describe_targets(report::Environment& environment);
  [[nodiscard]] const std::filesystem::path& prepared(const scenario::Cell& cell) const;

  const scenario::Scenario& scenario_;
  const base::Clock& clock_;
  process::Supervisor& supervisor_;
  Observer& observer_;
  const RunFolder& folder_;
  std::map<std::filesystem::path, std::filesystem::path> prepared_;  ///< by the target's folder
  service::Cache cache_;
  Tools tools_;
  std::optional<service::Databases> database_;
};

}  // namespace poolbench::run
