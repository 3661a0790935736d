#pragma once

#include <filesystem>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "process/supervisor.h"
#include "scenario/scenario.h"
#include "service/data_set.h"
#include "service/postgres/cluster.h"
#include "service/postgres/external.h"
#include "service/postgres/plain_session.h"
#include "service/postgres/session.h"
#include "service/postgres/session_log.h"

namespace poolbench::service {

/// Where data are made, and by which clock.
struct DataPlaces {
  std::filesystem::path log;   ///< of the commands
  std::filesystem::path keep;  ///< the cache, which also knows what making took
  bool can_keep = true;
  const base::Clock& clock;
};

/// A template database, and how it came to be.
struct DataTemplate {
  std::string database;
  std::string made_at;    ///< RFC 3339
  double seconds = 0;     ///< what making it took
  bool was_kept = false;  ///< an earlier run made it
};

/// PostgreSQL as the trials need it: private clusters, of which one runs at a time, or an external
/// server; poolbench's own session in it, one template database for each data set, and a database
/// for each trial that runs. They belong to an ordinary role, which data commands and targets use:
/// in a private cluster one named "poolbench", on an external server the one of the target's
/// address. There only databases named poolbench_… are made, and dropped at the end.
class Databases {
 public:
  static base::Result<Databases> create(process::Supervisor& supervisor,
                                        const scenario::PostgresSettings& settings,
                                        PostgresCluster::Places places,
                                        const std::string& name_suffix);

  /// An external server that is only looked at: nothing is made in it, and the database of every
  /// trial is the one that its address names.
  static base::Result<Databases> observe(process::Supervisor& supervisor,
                                         const scenario::PostgresSettings& settings);

  /// Makes the server run with these settings (a private one is restarted if it must, or another
  /// version's one takes its place) and connects.
  base::Result<void> ensure_running(const scenario::PostgresSettings& settings);
  /// Whether the server that runs is the one of these settings, if need be after a restart.
  [[nodiscard]] bool is_server_of(const scenario::PostgresSettings& settings) const;

  /// Makes a template database for each data set in its server, with what superusers make
  /// (extensions, init_sql) and its commands, unless a kept cluster had it; in a private cluster
  /// what was made is kept for later runs, where something tells it from other data. Returns why it
  /// could not be kept, empty if it was. The sets outlive this.
  base::Result<std::string> make_templates(const std::vector<DataSet>& sets,
                                           const DataPlaces& places);

  /// Begins to make the databases of the next trials in the background, so that a target's stop and
  /// this go on at the same time. Until take_trial_databases the session belongs to it. They are
  /// made in the server that runs: it is for the caller to see that this is the one of the trials.
  void begin_trial_databases(const std::vector<std::string>& template_names);

  /// The names of databases fresh from their templates, in the same order: those begun, or made
  /// now. Drops the ones that were taken before.
  base::Result<std::vector<std::string>> take_trial_databases(
      const std::vector<std::string>& template_names);

  /// Drops what was made on an external server; stops a private one.
  std::vector<std::string> close();

  /// Where the server lets the session's role make one.
  base::Result<void> checkpoint();
  /// Ends the logging of sessions in a private server whose log would fill the disk; for now and
  /// then under load.
  void watch_log();

  [[nodiscard]] PostgresSession& session() { return *session_; }
  /// A session of poolbench's own role in a trial's database, for what only sessions there see. It
  /// reads, and gives each query a second.
  [[nodiscard]] base::Result<PlainSession> reading_session(const std::string& database) const;
  [[nodiscard]] ServerLog& log() { return log_; }
  /// What an external server does not allow, in words.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return terms_.warnings; }
  /// The private server's process; null for an external one, or one that is not running.
  [[nodiscard]] process::Child* server() const;
  /// The template database of the target's data; every data set of the run has one of its own.
  [[nodiscard]] const DataTemplate& template_of(const scenario::TargetSettings& target,
                                                const scenario::PostgresSettings& settings) const {
    return templates_.at(DataSet::name_of(target, settings));
  }
  /// A database that targets may use and that is no trial's own.
  [[nodiscard]] std::string shared_database() const;
  /// libpq variables (PGHOST, …, PGDATABASE) for a program that is to use `database`.
  [[nodiscard]] std::map<std::string, std::string> environment(const std::string& database) const;

 private:
  /// Trial databases on their way.
  struct Coming {
    std::vector<std::string> names;
    std::vector<std::string> from;
    std::future<base::Result<void>> made;
  };
  /// A server that there is, and what was made in it. Of private ones there is one for each
  /// installation of PostgreSQL.
  struct Server {
    std::optional<PostgresCluster> cluster;      ///< none: external
    std::set<std::string> databases;             ///< names of all that were made and not dropped
    std::map<std::string, DataTemplate> by_key;  ///< templates of data sets that have a key
    std::vector<std::string> current;            ///< of the latest trials
    bool has_password = false;                   ///< the ordinary role has it
    /// What was set for the ordinary role; none: that is not known.
    std::optional<std::map<std::string, std::string>> role_settings;
  };
  /// bin_folder and version.
  using Installation = std::pair<std::filesystem::path, std::string>;

  Databases(process::Supervisor& supervisor, PostgresCluster::Places places, std::string suffix);
  base::Result<void> choose_server(const scenario::PostgresSettings& settings);
  base::Result<void> prepare_role(const scenario::PostgresSettings& settings);
  base::Result<void> set_role_settings(const std::map<std::string, std::string>& settings);
  base::Result<std::string> make_templates_of_server(const std::vector<DataSet>& sets,
                                                     const DataPlaces& places);
  base::Result<void> connect();
  base::Result<void> look_at_external();
  base::Result<void> restore_log();
  base::Result<void> ensure_template(const DataSet& data, const DataPlaces& places);
  base::Result<void> fill(const DataSet& data, const std::string& database,
                          const std::filesystem::path& log);
  base::Result<std::string> keep_templates(const std::vector<DataSet>& sets);
  base::Result<void> analyze(const std::string& database);
  base::Result<void> create_extensions(const scenario::TargetSpec& target,
                                       const std::string& database);
  base::Result<void> run_init_sql(const std::vector<scenario::InitSql>& all,
                                  const std::string& database);
  /// Of poolbench's own session; of targets; of data commands.
  [[nodiscard]] Conninfo own_conninfo() const;
  [[nodiscard]] Conninfo target_conninfo() const;
  [[nodiscard]] Conninfo data_conninfo() const;
  /// libpq variables for data commands.
  [[nodiscard]] std::map<std::string, std::string> data_environment(
      const std::string& database) const;
  [[nodiscard]] std::vector<std::string> new_names(std::size_t count);
  void wait_for_coming() const;

  process::Supervisor* supervisor_;
  PostgresCluster::Places places_;
  std::string suffix_;
  std::string password_;  ///< of the ordinary role, for this run
  std::map<Installation, Server> servers_;
  Server* server_ = nullptr;  ///< the one that runs
  std::optional<ExternalPostgres> external_;
  ExternalTerms terms_;
  ServerLog log_;
  std::uintmax_t log_begin_ = 0;  ///< its size when the latest trials took their databases
  bool is_log_stopped_ = false;
  scenario::PostgresSettings running_with_;
  std::optional<PostgresSession> session_;
  std::map<std::string, DataTemplate> templates_;  ///< by the name of the data set
  std::string observed_;  ///< the database that is only looked at; empty: none is
  int trials_ = 0;
  std::optional<Coming> coming_;
};

}  // namespace poolbench::service
