#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "scenario/diagnostics.h"
#include "scenario/target/program_spec.h"
#include "scenario/target/target_metrics.h"

// A service.toml: what it says, and how it is found and read.

namespace poolbench::scenario {

struct NamedService;

/// service.toml, whole: a program that stands between the target and PostgreSQL, or beside them.
struct ServiceSpec : ProgramSpec {
  ServiceSpec() { kind = "service"; }

  std::string install;  ///< how to install its programs, in words; may be empty
  std::string missing;  ///< a program that it needs and that is not installed; empty: all are
  struct Serve : ProgramSpec::Serve {
    std::vector<std::string> more_ports;  ///< {port.NAME}: free ports beside the one it listens on
  } serve;
  struct Ready {
    bool by_postgres = false;  ///< a session through it answers; else: it accepts a connection
    base::Duration timeout{};
    std::string before_commands;  ///< the port that after_ready needs, if it is not the service's
  } ready;
  /// Run when it is ready; with ready.before_commands when that port accepts a connection, and it
  /// is ready after them.
  std::vector<std::vector<std::string>> after_ready;
  /// What clients of the service use instead of what PostgreSQL's have: libpq's variables.
  std::map<std::string, std::string> gives;
  std::vector<MetricSpec> metrics;
  bool takes_upstream = false;  ///< it leads to PostgreSQL: its texts hold {upstream.…}
  bool speaks_tls = false;      ///< its texts hold {tls_cert}, {tls_key} or {tls_authority}
  bool only_tcp = false;        ///< its upstream must have a port
  bool pools = false;           ///< its sessions are not those of its clients
  /// Of its metrics, without a prefix: how long requests wait for one of its sessions; empty: none.
  std::string wait;
  double wait_us_per_unit = 1;
  /// Clients reach every database of the server through it, not just {upstream.database}.
  bool any_database = true;
};

/// Reads the text of a service.toml that stands in `folder`. Every mistake is collected; nothing is
/// returned if there is one.
std::optional<ServiceSpec> read_service(const std::shared_ptr<const Source>& source,
                                        const std::filesystem::path& folder, Mistakes& mistakes);

/// How a file that describes a service is called.
inline constexpr const char* kServiceFile = "service.toml";

/// The folders in which a service's programs are looked for, as PATH has them: those of the caller,
/// and then those of system administration, where distributions put servers.
std::string service_path();

/// Finds services beside a scenario file, in `services/<name>/service.toml` of its folder, or where
/// `service.NAME.use` says: what holds a '/' or ends in ".toml" is a path from there, anything else
/// the name of another folder of services/. Each file is read once.
class ServiceLookup {
 public:
  explicit ServiceLookup(std::filesystem::path scenario_folder);
  std::shared_ptr<const ServiceSpec> find(const NamedService& named, Mistakes& mistakes);

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::shared_ptr<const ServiceSpec>> loaded_;
};

}  // namespace poolbench::scenario
