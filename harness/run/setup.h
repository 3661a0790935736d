#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "load/external/driver.h"
#include "process/supervisor.h"
#include "run/block_runner.h"
#include "run/resources.h"
#include "scenario/scenario.h"
#include "service/postgres/databases.h"
#include "service/prepare.h"

namespace poolbench::run {

/// External generators by name.
using Tools = std::map<std::string, load::Tool>;

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

  /// See BlockRunner.
  base::Result<void> prepare(report::Environment& environment, const scenario::Cell& first);
  std::vector<std::string> close();

  /// Adds what the trial runs on.
  void complete(TrialSpec& spec);
  /// The name of the cell's template database.
  [[nodiscard]] std::string template_of(const scenario::Cell& cell) {
    return databases_->template_name(*cell.target.spec, cell.postgres);
  }

  [[nodiscard]] const base::Clock& clock() const { return clock_; }
  [[nodiscard]] process::Supervisor& supervisor() { return supervisor_; }
  [[nodiscard]] Observer& observer() { return observer_; }
  [[nodiscard]] service::Databases& databases() { return *databases_; }
  [[nodiscard]] const Tools& tools() const { return tools_; }

 private:
  /// bin_folder and version of its settings.
  using Server = std::pair<std::filesystem::path, std::string>;

  base::Result<void> find_generators(report::Environment& environment);
  base::Result<void> find_tools();
  void warn(report::Environment& environment, const std::string& text);
  base::Result<void> prepare_targets();
  base::Result<void> fetch_postgres();
  base::Result<void> start_postgres(report::Environment& environment);
  base::Result<void> make_templates(report::Environment& environment);
  base::Result<void> describe_postgres(report::Environment& environment,
                                       const scenario::Cell& cell);
  void list_postgres_servers(report::Environment& environment);
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
  std::optional<service::Databases> databases_;
  std::map<Server, report::PostgresFacts> postgres_facts_;
};

}  // namespace poolbench::run
