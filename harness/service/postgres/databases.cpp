#include "service/postgres/databases.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "scenario/postgres_settings.h"
#include "service/postgres/access.h"

namespace poolbench::service {
namespace {

constexpr const char* kMaintenanceDatabase = "postgres";

constexpr std::uintmax_t kMostLogBytes = std::uintmax_t{512} << 20U;  // of one trial

std::map<std::string, std::string> environment_of(Conninfo conninfo, const std::string& database) {
  conninfo["dbname"] = database;
  return to_environment(conninfo);
}

base::Result<void> copy_all(PostgresSession* session, const std::vector<std::string>& names,
                            const std::vector<std::string>& templates, const std::string& owner) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    POOLBENCH_TRY(session->create_database(names[i], templates[i], owner));
  }
  return {};
}

}  // namespace

Databases::Databases(process::Supervisor& supervisor, PostgresCluster::Places places,
                     std::string suffix)
    : supervisor_(&supervisor),
      places_(std::move(places)),
      suffix_(std::move(suffix)),
      password_(random_password()) {}

base::Result<Databases> Databases::create(process::Supervisor& supervisor,
                                          const scenario::PostgresSettings& settings,
                                          PostgresCluster::Places places,
                                          const std::string& name_suffix) {
  Databases databases(supervisor, std::move(places), name_suffix);
  if (scenario::is_external(settings)) {
    auto external = find_external(settings);
    if (!external) return tl::unexpected(external.error());
    databases.external_ = std::move(*external);
  } else {
    databases.terms_.owner = kOrdinaryRole;
    databases.log_ = ServerLog(databases.places_.log);
  }
  POOLBENCH_TRY(databases.ensure_running(settings));
  if (databases.external_) POOLBENCH_TRY(databases.look_at_external());
  return databases;
}

base::Result<Databases> Databases::observe(process::Supervisor& supervisor,
                                           const scenario::PostgresSettings& settings) {
  Databases databases(supervisor, {}, {});
  auto external = find_external(settings);
  if (!external) return tl::unexpected(external.error());
  databases.external_ = std::move(*external);
  POOLBENCH_TRY(databases.ensure_running(settings));
  auto name = databases.session_->database();
  if (!name) return tl::unexpected(name.error());
  databases.observed_ = *std::move(name);
  databases.terms_.may_checkpoint = false;
  databases.terms_.warnings = {fmt::format(
      "sessions and connections are those of the whole database {} of ${}, whoever uses it",
      databases.observed_, settings.dsn_env)};
  return databases;
}

base::Result<void> Databases::look_at_external() {
  auto terms = check_external(*session_, *external_, fmt::format("poolbench_probe_{}", suffix_));
  if (!terms) return tl::unexpected(terms.error());
  terms_ = std::move(*terms);
  return {};
}

bool Databases::is_server_of(const scenario::PostgresSettings& settings) const {
  const auto found = servers_.find({settings.bin_folder, settings.version});
  return found != servers_.end() && &found->second == server_;
}

base::Result<void> Databases::choose_server(const scenario::PostgresSettings& settings) {
  if (is_server_of(settings)) return {};
  const Installation installation{settings.bin_folder, settings.version};
  auto found = servers_.find(installation);
  if (found == servers_.end()) {
    Server server;
    if (!external_) {
      PostgresCluster::Places places = places_;
      if (!servers_.empty()) places.scratch += fmt::format("-{}", servers_.size() + 1);
      auto cluster = PostgresCluster::create(*supervisor_, settings, std::move(places));
      if (!cluster) return tl::unexpected(cluster.error());
      server.cluster = std::move(*cluster);
    }
    found = servers_.emplace(installation, std::move(server)).first;
  }
  if (server_ != nullptr) {
    // What was on its way is dropped when that server has its turn again.
    if (auto coming = std::exchange(coming_, std::nullopt)) {
      std::ranges::move(coming->names, std::back_inserter(server_->current));
    }
    session_.reset();
    if (server_->cluster) server_->cluster->stop();
  }
  server_ = &found->second;
  return {};
}

base::Result<void> Databases::ensure_running(const scenario::PostgresSettings& settings) {
  wait_for_coming();
  running_with_ = settings;
  const auto before = server();
  POOLBENCH_TRY(choose_server(settings));
  if (server_->cluster) POOLBENCH_TRY(server_->cluster->ensure_running(settings));
  if (!session_ || before != server() || !session_->is_alive()) POOLBENCH_TRY(connect());
  if (settings.statements) POOLBENCH_TRY(session_->create_extension(kStatements));
  return server_->cluster ? prepare_role(settings) : base::Result<void>{};
}

base::Result<void> Databases::connect() {
  Conninfo own = own_conninfo();
  own.emplace("dbname", kMaintenanceDatabase);
  auto session = PostgresSession::connect(own);
  if (!session) return tl::unexpected(session.error());
  session_ = std::move(*session);
  if (!server_->cluster) return {};
  const auto settings = session_->settings(session_log_settings());
  if (!settings) return tl::unexpected(settings.error());
  log_.learn(*settings);
  return {};
}

base::Result<void> Databases::prepare_role(const scenario::PostgresSettings& settings) {
  if (!server_->role_settings) POOLBENCH_TRY(session_->create_role(kOrdinaryRole));
  const bool scram = settings.auth == scenario::PostgresSettings::Auth::kScram;
  if (scram && !server_->has_password) {
    Conninfo own = own_conninfo();
    own.emplace("dbname", kMaintenanceDatabase);
    const auto verifier = scram_verifier(own, kOrdinaryRole, password_);
    if (!verifier) return tl::unexpected(verifier.error());
    POOLBENCH_TRY(session_->set_password(kOrdinaryRole, *verifier));
    server_->has_password = true;
  }
  return set_role_settings(settings.role_settings);
}

base::Result<void> Databases::set_role_settings(
    const std::map<std::string, std::string>& settings) {
  if (server_->role_settings == settings) return {};
  POOLBENCH_TRY(session_->set_role_settings(kOrdinaryRole, settings));
  server_->role_settings = settings;
  return {};
}

std::vector<std::string> Databases::new_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("poolbench_trial_{}_{}", suffix_, ++trials_));
  }
  server_->databases.insert(names.begin(), names.end());
  return names;
}

void Databases::wait_for_coming() const {
  if (coming_ && coming_->made.valid()) coming_->made.wait();
}

void Databases::begin_trial_databases(const std::vector<std::string>& template_names) {
  if (!observed_.empty()) return;
  coming_.emplace(Coming{new_names(template_names.size()), template_names, {}});
  // Where the system refuses a thread, they are made when they are waited for.
  coming_->made = std::async(std::launch::async | std::launch::deferred, copy_all, &*session_,
                             coming_->names, coming_->from, terms_.owner);
}

base::Result<std::vector<std::string>> Databases::take_trial_databases(
    const std::vector<std::string>& template_names) {
  if (!observed_.empty()) return std::vector(template_names.size(), observed_);
  std::optional<Coming> coming = std::exchange(coming_, std::nullopt);
  if (coming) coming->made.wait();
  POOLBENCH_TRY(restore_log());
  std::vector<std::string>& current = server_->current;
  for (const std::string& old : std::exchange(current, {})) {
    POOLBENCH_TRY(session_->drop_database(old));
    server_->databases.erase(old);
  }
  if (coming && coming->from == template_names && coming->made.get()) {
    current = coming->names;
  } else {
    current = new_names(template_names.size());
    POOLBENCH_TRY(copy_all(&*session_, current, template_names, terms_.owner));
  }
  return current;
}

base::Result<PlainSession> Databases::reading_session(const std::string& database) const {
  Conninfo own = own_conninfo();
  own["dbname"] = database;
  own["options"] += " -c default_transaction_read_only=on -c statement_timeout=1s";
  return PlainSession::connect(own);
}

base::Result<void> Databases::checkpoint() {
  return terms_.may_checkpoint ? session_->checkpoint() : base::Result<void>{};
}

void Databases::watch_log() {
  if (external_ || is_log_stopped_ || log_.size() < log_begin_ + kMostLogBytes) return;
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
  if (server_ == nullptr) return remarks;
  if (server_->cluster) {
    session_.reset();
    return server_->cluster->stop();
  }
  if (!session_) return remarks;
  for (const std::string& name : server_->databases) {
    const auto dropped = session_->drop_database(name);
    if (!dropped) remarks.push_back(dropped.error().message + "; drop it by hand");
  }
  return remarks;
}

process::Child* Databases::server() const {
  return server_ != nullptr && server_->cluster ? server_->cluster->child() : nullptr;
}

Conninfo Databases::own_conninfo() const {
  return server_->cluster ? server_->cluster->own_conninfo() : external_->own;
}

Conninfo Databases::target_conninfo() const {
  return server_->cluster ? data_conninfo() : external_->target;
}

Conninfo Databases::data_conninfo() const {
  return server_->cluster ? server_->cluster->ordinary_conninfo(password_) : external_->for_data();
}

std::map<std::string, std::string> Databases::data_environment(const std::string& database) const {
  return environment_of(data_conninfo(), database);
}

std::string Databases::shared_database() const {
  const Conninfo conninfo = target_conninfo();
  const auto named = conninfo.find("dbname");
  return named == conninfo.end() ? kMaintenanceDatabase : named->second;
}

std::map<std::string, std::string> Databases::environment(const std::string& database) const {
  return environment_of(target_conninfo(), database);
}

}  // namespace poolbench::service
