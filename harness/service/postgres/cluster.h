#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/certificate.h"
#include "service/postgres/kept_data.h"
#include "service/prepare.h"

namespace poolbench::service {

/// A private, throw-away PostgreSQL cluster. It lives in a scratch folder, listens on a free TCP
/// port of 127.0.0.1 and on a unix socket, lets users in as its settings say, and is gone when this
/// object is.
class PostgresCluster {
 public:
  struct Places {
    std::filesystem::path scratch;  ///< data and socket go here, and it becomes PostgreSQL's own;
                                    ///< short, since socket paths are limited
    Cache cache;  ///< a fresh cluster is kept here and copied, since initdb is slow
    std::filesystem::path log;
    std::vector<int> cpus;
    std::set<std::string> data_keys{};  ///< a kept cluster that holds these is copied instead
  };

  /// Finds PostgreSQL and makes the cluster; starts nothing yet.
  static base::Result<PostgresCluster> create(process::Supervisor& supervisor,
                                              const scenario::PostgresSettings& settings,
                                              Places places);

  /// Starts the server with these settings, or restarts it if it runs with others or has died.
  base::Result<void> ensure_running(const scenario::PostgresSettings& settings);

  /// SIGINT (fast shutdown), since SIGTERM would wait for clients. Returns what is worth telling.
  std::vector<std::string> stop();

  /// libpq parameters of the superuser, without a database name: over the unix socket, as the user
  /// of the operating system that we are.
  [[nodiscard]] std::map<std::string, std::string> own_conninfo() const;
  /// The same of the ordinary role, with its password where the running server asks for one.
  [[nodiscard]] std::map<std::string, std::string> ordinary_conninfo(
      const std::string& password) const;

  /// The data sets that it held from the beginning, in template databases.
  [[nodiscard]] const std::vector<KeptTemplate>& kept_templates() const { return kept_; }

  /// Stops the server, and keeps a copy of the cluster for later runs, with these template
  /// databases in it. Returns why it could not be kept, empty if it was. Fails only on an
  /// interrupt.
  base::Result<std::string> keep(std::vector<KeptTemplate> templates);

  /// What it prints, log_destination = stderr.
  [[nodiscard]] const std::filesystem::path& log() const { return places_.log; }

  /// The server's process, or null when it is not running.
  [[nodiscard]] process::Child* child() const { return child_; }

 private:
  PostgresCluster(process::Supervisor& supervisor, Places places)
      : supervisor_(&supervisor), places_(std::move(places)) {}
  base::Result<void> find_programs(const scenario::PostgresSettings& settings);
  base::Result<void> make_cluster();
  base::Result<bool> copy_kept();
  base::Result<void> copy_fresh();
  base::Result<void> initdb();
  base::Result<void> copy(const std::filesystem::path& from, const std::filesystem::path& to);
  base::Result<void> drop_old_wal();
  base::Result<void> add_own_settings();
  base::Result<void> write_access_rules(const scenario::PostgresSettings& settings);
  base::Result<void> make_certificate();
  [[nodiscard]] std::vector<std::string> server_command(
      const scenario::PostgresSettings& settings) const;
  [[nodiscard]] std::filesystem::path data() const { return places_.scratch / "data"; }
  [[nodiscard]] process::Command as_postgres(std::vector<std::string> argv) const;

  process::Supervisor* supervisor_;
  Places places_;
  std::filesystem::path bin_folder_;
  std::filesystem::path installed_at_;  ///< where these programs are from, in every run
  TlsFiles tls_;                        ///< once there was a need for them
  std::string version_;                 ///< as `postgres --version` says it
  std::vector<KeptTemplate> kept_;
  std::filesystem::path kept_in_;  ///< what was copied, until the server has run
  scenario::PostgresSettings running_with_;
  std::uint16_t port_ = 0;
  process::Child* child_ = nullptr;
};

}  // namespace poolbench::service
