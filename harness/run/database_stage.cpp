#include "run/database_stage.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdlib>
#include <utility>

#include "service/inherited.h"
#include "service/ready.h"
#include "service/target_words.h"

namespace poolbench::run {
namespace {

constexpr const char* kMaintenanceDatabase = "postgres";

base::Result<probe::Conninfo> external_conninfo(const std::string& variable) {
  const char* dsn = std::getenv(variable.c_str());
  if (dsn == nullptr || *dsn == '\0') {
    return base::bad_input(
        fmt::format("the environment variable {} (postgres.dsn_env) is not set", variable), {},
        fmt::format("export {}=postgresql://user:password@host:5432/postgres", variable));
  }
  auto conninfo = probe::parse_conninfo(dsn);
  if (!conninfo) conninfo.error().where = "$" + variable;
  return conninfo;
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

base::Result<void> copy_all(probe::PostgresSession* session, const std::vector<std::string>& names,
                            const std::vector<std::string>& templates) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    POOLBENCH_TRY(session->create_database(names[i], templates[i]));
  }
  return {};
}

}  // namespace

base::Result<DatabaseStage> DatabaseStage::create(process::Supervisor& supervisor,
                                                  const scenario::PostgresSettings& settings,
                                                  service::PostgresService::Places places,
                                                  const std::string& name_suffix) {
  DatabaseStage stage(supervisor, name_suffix);
  if (settings.source == scenario::PostgresSettings::Source::kExternal) {
    auto conninfo = external_conninfo(settings.dsn_env);
    if (!conninfo) return tl::unexpected(conninfo.error());
    stage.external_ = std::move(*conninfo);
  } else {
    auto service = service::PostgresService::create(supervisor, settings, std::move(places));
    if (!service) return tl::unexpected(service.error());
    stage.private_ = std::move(*service);
  }
  POOLBENCH_TRY(stage.ensure_running(settings));
  return stage;
}

base::Result<void> DatabaseStage::ensure_running(const scenario::PostgresSettings& settings) {
  wait_for_coming();
  transport_ = settings.transport;
  const auto before = server();
  if (private_) POOLBENCH_TRY(private_->ensure_running(settings));
  if (session_ && before == server() && session_->is_alive()) return {};
  probe::Conninfo own = conninfo(transport_);
  own.emplace("dbname", kMaintenanceDatabase);
  auto session = probe::PostgresSession::connect(own);
  if (!session) return tl::unexpected(session.error());
  session_ = std::move(*session);
  return {};
}

base::Result<void> DatabaseStage::ensure_template(const scenario::TargetSpec& target,
                                                  const std::filesystem::path& prepared,
                                                  const std::filesystem::path& log) {
  const std::string name = template_name(target);
  if (databases_.contains(name)) return {};
  if (private_) POOLBENCH_TRY(session_->set_fsync(false));  // trials turn it on again
  POOLBENCH_TRY(session_->drop_database(name));
  POOLBENCH_TRY(session_->create_database(name));
  databases_.insert(name);
  for (const auto& argv : target.data.commands) {
    process::Command command;
    command.name = "data of target " + target.name;
    command.environment = service::target_environment(target, environment(name));
    POOLBENCH_TRY(service::set_words(command, target, argv,
                                     service::target_words(prepared, command.environment)));
    command.folder = target.folder;
    command.log = log;
    POOLBENCH_TRY(service::run_to_success(*supervisor_, command, target.data.timeout));
  }
  return {};
}

std::vector<std::string> DatabaseStage::new_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("poolbench_trial_{}_{}", suffix_, ++trials_));
  }
  databases_.insert(names.begin(), names.end());
  return names;
}

void DatabaseStage::wait_for_coming() const {
  if (coming_ && coming_->made.valid()) coming_->made.wait();
}

void DatabaseStage::begin_trial_databases(const std::vector<std::string>& template_names) {
  coming_.emplace(Coming{new_names(template_names.size()), template_names, {}});
  // Where the system refuses a thread, they are made when they are waited for.
  coming_->made = std::async(std::launch::async | std::launch::deferred, copy_all, &*session_,
                             coming_->names, coming_->from);
}

base::Result<std::vector<std::string>> DatabaseStage::take_trial_databases(
    const std::vector<std::string>& template_names) {
  std::optional<Coming> coming = std::exchange(coming_, std::nullopt);
  if (coming) coming->made.wait();
  for (const std::string& old : std::exchange(current_, {})) {
    POOLBENCH_TRY(session_->drop_database(old));
    databases_.erase(old);
  }
  if (coming && coming->from == template_names && coming->made.get()) {
    current_ = coming->names;
  } else {
    current_ = new_names(template_names.size());
    POOLBENCH_TRY(copy_all(&*session_, current_, template_names));
  }
  return current_;
}

std::vector<std::string> DatabaseStage::close() {
  wait_for_coming();
  std::vector<std::string> remarks;
  if (private_) {
    session_.reset();
    return private_->stop();
  }
  if (!session_) return remarks;
  for (const std::string& name : databases_) {
    const auto dropped = session_->drop_database(name);
    if (!dropped) remarks.push_back(dropped.error().message + "; drop it by hand");
  }
  return remarks;
}

std::optional<pid_t> DatabaseStage::server() const {
  if (!private_ || private_->child() == nullptr) return std::nullopt;
  return process::pid_of(*private_->child());
}

std::string DatabaseStage::template_name(const scenario::TargetSpec& target) {
  const auto& [place, made] = templates_.try_emplace(target.folder);
  if (made) {
    place->second = fmt::format("poolbench_template_{}_{}_{}", short_name(target.name), suffix_,
                                templates_.size());
  }
  return place->second;
}

probe::Conninfo DatabaseStage::conninfo(const std::string& transport) const {
  return private_ ? private_->conninfo(transport) : external_;
}

std::map<std::string, std::string> DatabaseStage::environment(const std::string& database) const {
  probe::Conninfo complete = conninfo(transport_);
  complete["dbname"] = database;
  return probe::to_environment(complete);
}

}  // namespace poolbench::run
