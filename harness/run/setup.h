#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "load/external/driver.h"
#include "process/supervisor.h"
#include "run/block_runner.h"
#include "run/resources.h"
#include "scenario/scenario.h"
#include "service/certificate.h"
#include "service/data_set.h"
#include "service/postgres/databases.h"
#include "service/prepare.h"

namespace poolbench::run {

/// External generators by name.
using Tools = std::map<std::string, load::Tool>;

/// What all trials of a run share: prepared targets, certificates, generators, PostgreSQL with a
/// template database for each data set. Everything it is given outlives it.
class Setup {
 public:
  Setup(const scenario::Scenario& scenario, const base::Clock& clock,
        process::Supervisor& supervisor, Observer& observer, const RunFolder& folder,
        bool fresh_data)
      : scenario_(scenario),
        clock_(clock),
        supervisor_(supervisor),
        observer_(observer),
        folder_(folder),
        fresh_data_(fresh_data) {}

  /// See BlockRunner.
  base::Result<void> prepare(report::Environment& environment, const scenario::Cell& first);
  std::vector<std::string> close();

  /// Adds what the trial runs on.
  void complete(TrialSpec& spec);
  /// The names of the template databases of the cells' data, empty ones for servers that run
  /// already; none without PostgreSQL.
  [[nodiscard]] std::vector<std::string> templates_of(
      const std::vector<const scenario::Cell*>& cells) const;

  [[nodiscard]] const base::Clock& clock() const { return clock_; }
  [[nodiscard]] process::Supervisor& supervisor() { return supervisor_; }
  [[nodiscard]] Observer& observer() { return observer_; }
  /// Null: there is no PostgreSQL, since the targets' servers run already and none was named.
  [[nodiscard]] service::Databases* databases() { return databases_ ? &*databases_ : nullptr; }
  /// The process of the private server; null if there is none.
  [[nodiscard]] process::Child* database_server() const {
    return databases_ ? databases_->server() : nullptr;
  }
  /// For targets and services that speak TLS; empty if none does.
  [[nodiscard]] const service::TlsFiles& tls() const { return tls_; }
  [[nodiscard]] const Tools& tools() const { return tools_; }

 private:
  base::Result<void> find_generators(report::Environment& environment);
  base::Result<void> find_tools();
  void warn(report::Environment& environment, const std::string& text);
  base::Result<void> prepare_targets();
  base::Result<void> prepare_services();
  base::Result<void> describe_services(report::Environment& environment);
  base::Result<void> make_certificate();
  base::Result<void> fetch_postgres();
  base::Result<void> start_postgres(report::Environment& environment);
  base::Result<void> describe_postgres(report::Environment& environment);
  base::Result<void> look_at_postgres(report::Environment& environment);
  base::Result<void> make_databases(report::Environment& environment, const scenario::Cell& first);
  base::Result<void> make_data(report::Environment& environment);
  base::Result<void> describe_targets(report::Environment& environment);
  [[nodiscard]] std::filesystem::path prepared(const scenario::Cell& cell) const;

  const scenario::Scenario& scenario_;
  const base::Clock& clock_;
  process::Supervisor& supervisor_;
  Observer& observer_;
  const RunFolder& folder_;
  bool fresh_data_;  ///< no kept data are used
  std::vector<service::DataSet> data_;
  std::map<const scenario::TargetSpec*, std::filesystem::path> prepared_;
  /// As the user that they run as may read it.
  std::map<const scenario::ServiceSpec*, std::filesystem::path> prepared_services_;
  service::Cache cache_;
  Tools tools_;
  service::TlsFiles tls_;
  int starts_ = 0;  ///< of targets
  std::optional<service::Databases> databases_;
};

}  // namespace poolbench::run
