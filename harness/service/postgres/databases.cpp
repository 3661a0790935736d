#include "service/postgres/databases.h"

#include <fmt/format.h>

#include <cctype>
#include <utility>

#include "process/run_command.h"
#include "service/target_command.h"

namespace poolbench::service {
namespace {

constexpr const char* kMaintenanceDatabase = "postgres";

/// The role of data commands and targets in a private cluster.
constexpr const char* kOrdinaryRole = "poolbench";
constexpr std::uintmax_t kMostLogBytes = std::uintmax_t{512} << 20U;  // of one trial

std::map<std::string, std::string> environment_of(Conninfo conninfo, const std::string& database) {
  conninfo["dbname"] = database;
  return to_environment(conninfo);
}

/// PostgreSQL cuts a name off after 63 bytes, and with it what tells two databases apart.
std::string short_name(const std::string& target) {
  constexpr std::size_t kLongest = 24;
  std::string name;
  for (const char c : target.substr(0, kLongest)) {
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return name;
}

base::Result<void> copy_all(PostgresSession* session, const std::vector<std::string>& names,
                            const std::vector<std::string>& templates, const std::string& owner) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    POOLBENCH_TRY(session->create_database(names[i], templates[i], owner));
  }
  return {};
}

base::Result<void> with_hint_about_rights(base::Error error) {
  for (const char* words : {"permission denied", "must be superuser", "must be owner"}) {
    if (error.message.find(words) == std::string::npos) continue;
    error.next =
        "data commands run as an ordinary role that owns the database: let data.extensions make "
        "the extensions, and leave out what only a superuser may do";
  }
  return tl::unexpected(std::move(error));
}

}  // namespace

base::Result<Databases> Databases::create(process::Supervisor& supervisor,
                                          const scenario::PostgresSettings& settings,
                                          PostgresCluster::Places places,
                                          const std::string& name_suffix) {
  Databases databases(supervisor, name_suffix);
  if (settings.source == scenario::PostgresSettings::Source::kExternal) {
    auto external = find_external(settings);
    if (!external) return tl::unexpected(external.error());
    databases.external_ = std::move(*external);
  } else {
    auto cluster = PostgresCluster::create(supervisor, settings, std::move(places));
    if (!cluster) return tl::unexpected(cluster.error());
    databases.cluster_ = std::move(*cluster);
    databases.terms_.owner = kOrdinaryRole;
    databases.log_ = ServerLog(databases.cluster_->log());
  }
  POOLBENCH_TRY(databases.ensure_running(settings));
  if (databases.external_) POOLBENCH_TRY(databases.look_at_external());
  return databases;
}

base::Result<void> Databases::look_at_external() {
  auto terms = check_external(*session_, *external_, fmt::format("poolbench_probe_{}", suffix_));
  if (!terms) return tl::unexpected(terms.error());
  terms_ = std::move(*terms);
  return {};
}

base::Result<void> Databases::ensure_running(const scenario::PostgresSettings& settings) {
  wait_for_coming();
  transport_ = settings.transport;
  const auto before = server();
  if (cluster_) POOLBENCH_TRY(cluster_->ensure_running(settings));
  if (session_ && before == server() && session_->is_alive()) return {};
  return connect();
}

base::Result<void> Databases::connect() {
  Conninfo own = own_conninfo();
  own.emplace("dbname", kMaintenanceDatabase);
  auto session = PostgresSession::connect(own);
  if (!session) return tl::unexpected(session.error());
  session_ = std::move(*session);
  if (!cluster_) return {};
  POOLBENCH_TRY(session_->create_role(kOrdinaryRole));
  const auto settings = session_->settings(session_log_settings());
  if (!settings) return tl::unexpected(settings.error());
  log_.learn(*settings);
  return {};
}

base::Result<void> Databases::ensure_template(const scenario::TargetSpec& target,
                                              const std::filesystem::path& prepared,
                                              const std::filesystem::path& log) {
  const std::string name = template_name(target);
  if (databases_.contains(name)) return {};
  if (cluster_) POOLBENCH_TRY(session_->set_fsync(false));  // trials turn it on again
  POOLBENCH_TRY(session_->drop_database(name));
  POOLBENCH_TRY(session_->create_database(name, {}, terms_.owner));
  databases_.insert(name);
  POOLBENCH_TRY(create_extensions(target, name));
  for (const auto& argv : target.data.commands) {
    process::Command command;
    command.name = "data of target " + target.name;
    command.environment = target_environment(target, environment_of(data_conninfo(), name));
    POOLBENCH_TRY(set_words(command, target, argv, target_words(prepared, command.environment)));
    command.folder = target.folder;
    command.log = log;
    auto done = process::run_to_success(*supervisor_, command, target.data.timeout);
    if (!done) return with_hint_about_rights(std::move(done.error()));
  }
  return {};
}

base::Result<void> Databases::create_extensions(const scenario::TargetSpec& target,
                                                const std::string& database) {
  if (target.data.extensions.empty()) return {};
  Conninfo own = own_conninfo();
  own["dbname"] = database;
  auto session = PostgresSession::connect(own);
  if (!session) return tl::unexpected(session.error());
  for (const std::string& extension : target.data.extensions) {
    auto made = session->create_extension(extension);
    if (made) continue;
    made.error().code = base::ErrorCode::kBadInput;
    made.error().where = (target.folder / "target.toml").string();
    made.error().next = "install it for this server, or correct data.extensions";
    return made;
  }
  return {};
}

std::vector<std::string> Databases::new_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("poolbench_trial_{}_{}", suffix_, ++trials_));
  }
  databases_.insert(names.begin(), names.end());
  return names;
}

void Databases::wait_for_coming() const {
  if (coming_ && coming_->made.valid()) coming_->made.wait();
}

void Databases::begin_trial_databases(const std::vector<std::string>& template_names) {
  coming_.emplace(Coming{new_names(template_names.size()), template_names, {}});
  // Where the system refuses a thread, they are made when they are waited for.
  coming_->made = std::async(std::launch::async | std::launch::deferred, copy_all, &*session_,
                             coming_->names, coming_->from, terms_.owner);
}

base::Result<std::vector<std::string>> Databases::take_trial_databases(
    const std::vector<std::string>& template_names) {
  std::optional<Coming> coming = std::exchange(coming_, std::nullopt);
  if (coming) coming->made.wait();
  POOLBENCH_TRY(restore_log());
  for (const std::string& old : std::exchange(current_, {})) {
    POOLBENCH_TRY(session_->drop_database(old));
    databases_.erase(old);
  }
  if (coming && coming->from == template_names && coming->made.get()) {
    current_ = coming->names;
  } else {
    current_ = new_names(template_names.size());
    POOLBENCH_TRY(copy_all(&*session_, current_, template_names, terms_.owner));
  }
  return current_;
}

base::Result<PostgresSession> Databases::reading_session(const std::string& database) const {
  Conninfo own = own_conninfo();
  own["dbname"] = database;
  own["options"] += " -c default_transaction_read_only=on -c statement_timeout=1s";
  return PostgresSession::connect(own);
}

base::Result<void> Databases::checkpoint() {
  return terms_.may_checkpoint ? session_->checkpoint() : base::Result<void>{};
}

void Databases::watch_log() {
  if (!cluster_ || is_log_stopped_ || log_.size() < log_begin_ + kMostLogBytes) return;
  is_log_stopped_ = true;
  log_.lose(fmt::format("it grew by more than {} MiB in one trial", kMostLogBytes >> 20U));
  static_cast<void>(session_->log_sessions(false));
}

base::Result<void> Databases::restore_log() {
  if (std::exchange(is_log_stopped_, false)) {
    POOLBENCH_TRY(session_->log_sessions(true));
    POOLBENCH_TRY(connect());  // whose settings are those that sessions to come have
  }
  log_.trim();
  log_begin_ = log_.size();
  return {};
}

std::vector<std::string> Databases::close() {
  wait_for_coming();
  std::vector<std::string> remarks;
  if (cluster_) {
    session_.reset();
    return cluster_->stop();
  }
  if (!session_) return remarks;
  for (const std::string& name : databases_) {
    const auto dropped = session_->drop_database(name);
    if (!dropped) remarks.push_back(dropped.error().message + "; drop it by hand");
  }
  return remarks;
}

process::Child* Databases::server() const { return cluster_ ? cluster_->child() : nullptr; }

std::string Databases::template_name(const scenario::TargetSpec& target) {
  const auto& [place, made] = templates_.try_emplace(target.folder);
  if (made) {
    place->second = fmt::format("poolbench_template_{}_{}_{}", short_name(target.name), suffix_,
                                templates_.size());
  }
  return place->second;
}

Conninfo Databases::own_conninfo() const {
  return cluster_ ? cluster_->conninfo(transport_) : external_->own;
}

Conninfo Databases::target_conninfo() const {
  return cluster_ ? data_conninfo() : external_->target;
}

Conninfo Databases::data_conninfo() const {
  if (!cluster_) return external_->for_data();
  Conninfo ordinary = cluster_->conninfo(transport_);
  ordinary["user"] = kOrdinaryRole;
  return ordinary;
}

std::map<std::string, std::string> Databases::environment(const std::string& database) const {
  return environment_of(target_conninfo(), database);
}

}  // namespace poolbench::service
