#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/environment.h"
#include "base/placeholder.h"
#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/certificate.h"
#include "service/postgres/session.h"

namespace poolbench::service {

/// What a declared service is given besides its own settings.
struct ServicePlaces {
  std::filesystem::path prepared{};
  base::Environment upstream{};   ///< libpq's variables for the next one on the way to PostgreSQL;
                                  ///< none beside the path
  std::string shared_database{};  ///< of the server, and no trial's own: readiness is asked there
  std::filesystem::path log{};
  std::filesystem::path folder{};  ///< its own, which is made; only it and we can look into it
  std::vector<int> cpus{};
  TlsFiles tls{};                          ///< of one that speaks TLS
  std::vector<process::Child*> watched{};  ///< others whose end ends waiting for it
};

/// One running service of a trial. Where we are root it runs as PostgreSQL's user.
class DeclaredService {
 public:
  /// Renders its files and starts it on free ports, or with its socket; does not wait.
  static base::Result<DeclaredService> start(process::Supervisor& supervisor,
                                             const scenario::ServiceUse& use, ServicePlaces places);

  /// Waits until it answers as its file says, and runs the commands of after_ready.
  base::Result<void> wait_until_ready();

  std::vector<std::string> stop() { return supervisor_->stop(*child_); }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] process::Child* child() const { return child_; }
  [[nodiscard]] const std::filesystem::path& log() const { return places_.log; }
  /// Those that it declares, as the cell calls them.
  [[nodiscard]] const std::vector<scenario::MetricSpec>& metrics() const { return *metrics_; }
  /// Where it listens, or where it does so by the name of another of its ports.
  [[nodiscard]] base::HttpServer server(const std::string& port_name) const;
  /// libpq's variables for its clients.
  [[nodiscard]] const base::Environment& gives() const { return gives_; }
  /// How its clients log in, to that database.
  [[nodiscard]] Conninfo conninfo(const std::string& database) const;
  /// The same, in a database that is no trial's where its clients can reach one.
  [[nodiscard]] Conninfo probe() const;
  /// Its address as placeholders of the target: "service.NAME.port".
  [[nodiscard]] base::WordValues address() const;

 private:
  DeclaredService(process::Supervisor& supervisor, const scenario::ServiceUse& use,
                  ServicePlaces places);
  base::Result<void> choose_ports();
  base::Result<void> fill_words();
  base::Result<void> make_files();
  base::Result<process::Command> command() const;
  base::Result<void> fill_gives();
  base::Result<void> wait_for_port(const std::string& port_name);
  base::Result<void> wait_for_session();
  base::Result<void> run_commands();

  process::Supervisor* supervisor_;
  std::string name_;
  const scenario::ServiceSpec* spec_;
  const std::map<std::string, base::Json>* params_;
  const std::vector<scenario::MetricSpec>* metrics_;
  ServicePlaces places_;
  std::map<std::string, std::uint16_t> ports_;  ///< by name; "" is the one that it listens on
  std::filesystem::path socket_;                ///< empty: TCP
  base::WordValues words_;
  base::Environment gives_;
  process::Child* child_ = nullptr;
};

}  // namespace poolbench::service
