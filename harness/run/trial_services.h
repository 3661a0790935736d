#pragma once

#include <string>
#include <vector>

#include "base/environment.h"
#include "base/placeholder.h"
#include "base/result.h"
#include "report/report.h"
#include "service/declared_service.h"
#include "service/path_probe.h"

namespace poolbench::run {

class Setup;
struct TrialSpec;

/// The declared services of a trial: those that its target needs, and the path from its target to
/// PostgreSQL.
class TrialServices {
 public:
  /// Both outlive it.
  TrialServices(Setup& setup, const TrialSpec& spec) : setup_(&setup), spec_(&spec) {}

  /// Starts them, those of the path from PostgreSQL's side on, each when the one before is ready.
  /// `database` holds libpq's variables for the trial's database; empty without PostgreSQL.
  base::Result<void> start(const base::Environment& database);

  /// Puts into the trial what the way to PostgreSQL costs by itself.
  void measure_path(report::Trial& trial) const;

  /// In reverse order of their start; returns what is worth telling.
  std::vector<std::string> stop();

  /// libpq's variables for the target.
  [[nodiscard]] const base::Environment& environment() const { return environment_; }
  /// The addresses of those beside the path.
  [[nodiscard]] const base::WordValues& words() const { return words_; }
  [[nodiscard]] std::vector<process::Child*> children() const;
  [[nodiscard]] const std::vector<service::DeclaredService>& list() const { return services_; }

 private:
  [[nodiscard]] base::Result<service::PathTimes> measured_path() const;
  base::Result<void> start(const scenario::ServiceUse& use, const base::Environment& upstream);

  Setup* setup_;
  const TrialSpec* spec_;
  std::vector<service::DeclaredService> services_;  ///< in the order of their start
  base::Environment environment_;
  service::Conninfo probe_;  ///< the way that the target will go, to a database that is shared
  base::WordValues words_;
};

}  // namespace poolbench::run
