#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/placeholder.h"
#include "base/result.h"
#include "base/time.h"
#include "generator/request.h"
#include "probe/sockets.h"
#include "process/supervisor.h"
#include "report/report.h"
#include "scenario/scenario.h"
#include "scenario/target/target_file.h"
#include "service/requests.h"
#include "service/target_command.h"

namespace poolbench::service {

/// A request of the load, and its right answer, whose exact body the load must see where it is
/// known beforehand.
struct VerifiedRequest {
  generator::RequestSpec spec;
  std::string shown;  ///< "POST /orders/17?t={token}": without the values that log-ins kept
  Answer answer;
};

/// One running target: the server under measurement, for one trial. It was started for it, unless
/// it runs already.
class TargetService {
 public:
  /// Starts the serve command on a free port, or where it shall listen else; does not wait. Starts
  /// nothing where the server runs already, and fails if it may not be sent requests.
  static base::Result<TargetService> start(process::Supervisor& supervisor,
                                           const scenario::Cell& cell, const TargetPlaces& places);

  /// Waits until the readiness endpoint answers as it must.
  base::Result<void> wait_until_it_answers();

  /// Logs in as the target file says: for each of the load's connections, or once.
  base::Result<void> log_in();

  /// Waits until an endpoint under load, the first one, has been answered rightly by every worker,
  /// as far as the target file says how that is seen: a bad setting often shows only there. A wrong
  /// answer fails at once with the answer and the tail of the log.
  base::Result<report::Readiness> wait_until_every_worker_answers();

  /// Asks each endpoint under load once more.
  base::Result<std::vector<VerifiedRequest>> verify();

  /// What the log-ins kept for each client, where clients differ; what they share stands in the
  /// requests.
  [[nodiscard]] const std::vector<generator::ClientValue>& client_values() const {
    return client_values_;
  }
  [[nodiscard]] const std::vector<generator::LineFile>& line_files() const { return line_files_; }

  /// Does nothing to a server that ran already.
  std::vector<std::string> stop();

  /// Null: its server ran already.
  [[nodiscard]] process::Child* child() const { return child_; }
  [[nodiscard]] const base::HttpServer& server() const { return server_; }

 private:
  TargetService(process::Supervisor& supervisor, const scenario::Cell& cell, process::Child* child,
                const TargetPlaces& places, base::HttpServer server);
  [[nodiscard]] generator::RequestSpec spec_of(const scenario::MixPart& part) const;
  [[nodiscard]] generator::TextChoices choices() const { return {kept_, line_files_}; }
  [[nodiscard]] std::string log_excerpt() const;
  [[nodiscard]] probe::ListeningAt listening_at() const {
    return {server_.endpoint.port, server_.unix_socket};
  }
  [[nodiscard]] report::ReadyBy ready_by() const;
  /// Asks the first endpoint under load so many times at once; every answer must be right. Returns
  /// how the workers named themselves. `look` as in Question.
  base::Result<std::set<std::string>> ask_at_once(int times,
                                                  const std::function<void()>& look = {});
  /// Asks, and then leaves connections idle for a moment, since those of a server that closes after
  /// each answer are hardly seen otherwise. Returns how many processes have been seen until now.
  base::Result<std::size_t> workers_by_connections(probe::ConnectionHolders& holders,
                                                   std::size_t expected);
  [[nodiscard]] tl::unexpected<base::Error> too_few_workers(std::size_t expected, std::size_t seen,
                                                            int hidden) const;
  [[nodiscard]] tl::unexpected<base::Error> wrong_answer(const std::string& endpoint,
                                                         const generator::Slots& slots,
                                                         const std::string& why) const;

  process::Supervisor* supervisor_;
  const scenario::Cell* cell_;
  const scenario::TargetSpec* spec_;
  /// Those of the target, with the parameters of its data filled in.
  std::map<std::string, scenario::EndpointSpec> endpoints_;
  std::vector<scenario::LoginSpec> logins_;
  process::Child* child_;                 ///< null: its server ran already
  std::vector<process::Child*> watched_;  ///< those whose end ends waiting
  base::HttpServer server_;
  std::vector<generator::LineFile> line_files_;
  std::vector<generator::ClientValue> kept_;  ///< by the log-ins, all
  std::vector<generator::ClientValue> client_values_;
  base::WordValues shared_values_;
};

}  // namespace poolbench::service
