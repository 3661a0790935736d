#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "generator/turns.h"
#include "report/report.h"

namespace poolbench::service {
class DeclaredService;
class TargetService;
}  // namespace poolbench::service

namespace poolbench::run {

class MetricWatch;
class Setup;
struct TrialSpec;

/// What of a trial is asked for declared metrics.
struct MetricSources {
  const service::TargetService& target;
  int workers = 1;  ///< of the target, that answered when it was made ready
  const std::vector<service::DeclaredService>& services;
  std::string database;  ///< the trial's own
  std::optional<generator::Turn> turn;
};

/// The declared metrics of a trial's target and of its services, read together.
class TrialMetrics {
 public:
  /// Opens the sessions that they need. The sources outlive it.
  TrialMetrics(Setup& setup, const TrialSpec& spec, const MetricSources& sources);
  TrialMetrics(const TrialMetrics&) = delete;
  TrialMetrics& operator=(const TrialMetrics&) = delete;
  ~TrialMetrics();

  /// The process of a session in the trial's own database that does not count; 0 if there is none.
  [[nodiscard]] pid_t session_process() const;

  // As those of MetricWatch, for each.
  void ask_before(base::Duration limit);
  void ask_before();
  void wait_for_answers();
  void begin();
  void sample();
  void end();
  void finish(report::Trial& trial, std::uint64_t worked_on);

 private:
  std::vector<std::unique_ptr<MetricWatch>> watches_;  ///< the target's first
};

}  // namespace poolbench::run
