#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/http_check.h"
#include "service/target_command.h"

namespace poolbench::service {

/// One running target: the server under measurement, for one trial.
class TargetService {
 public:
  /// Starts the serve command on a free port; does not wait.
  static base::Result<TargetService> start(process::Supervisor& supervisor,
                                           const scenario::TargetSettings& settings,
                                           const TargetPlaces& places);

  /// Waits until the readiness endpoint answers as it must.
  base::Result<void> wait_until_it_answers();

  /// Waits until the measured endpoint has been answered rightly by every worker: a bad setting
  /// often shows only there. A wrong answer fails at once with the answer and the tail of the log.
  /// Returns how many workers have answered; none where nothing tells them apart.
  base::Result<std::optional<int>> wait_until_every_worker_answers();

  /// Asks the measured endpoint once more and returns the answer: its exact body is what the load
  /// must see.
  base::Result<Answer> verify();

  std::vector<std::string> stop() { return supervisor_->stop(*child_); }

  [[nodiscard]] process::Child& child() const { return *child_; }
  [[nodiscard]] const base::Endpoint& endpoint() const { return endpoint_; }

 private:
  TargetService(process::Supervisor& supervisor, const scenario::TargetSettings& settings,
                process::Child& child, process::Child* database_server, base::Endpoint endpoint)
      : supervisor_(&supervisor),
        settings_(&settings),
        child_(&child),
        watched_{&child},
        endpoint_(std::move(endpoint)) {
    if (database_server != nullptr) watched_.push_back(database_server);
  }
  [[nodiscard]] const scenario::EndpointSpec& measured() const;
  [[nodiscard]] tl::unexpected<base::Error> wrong_answer(const std::string& path,
                                                         const std::string& why) const;

  process::Supervisor* supervisor_;
  const scenario::TargetSettings* settings_;
  process::Child* child_;
  std::vector<process::Child*> watched_;  ///< those whose end ends waiting
  base::Endpoint endpoint_;
};

}  // namespace poolbench::service
