#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "process/run_command.h"
#include "service/postgres/databases.h"
#include "service/target_command.h"

// The template databases of a run: how they are filled and kept.

namespace poolbench::service {
namespace {

constexpr std::size_t kKeyDigits = 12;

/// PostgreSQL cuts a name off after 63 bytes, and with it what tells two databases apart.
std::string short_name(const std::string& target) {
  constexpr std::size_t kLongest = 24;
  std::string name;
  for (const char c : target.substr(0, kLongest)) {
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return name;
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

/// PostgreSQL names the line of the text, where it knows it: "LINE 3: CREATE …".
tl::unexpected<base::Error> refused_init(const scenario::InitSql& init, const std::string& words) {
  constexpr std::string_view kLine = "\nLINE ";
  std::string where = init.where;
  const std::size_t at = words.find(kLine);
  if (!init.file.empty() && at != std::string::npos) {
    const std::size_t digits = at + kLine.size();
    where += ":" + words.substr(digits, words.find_first_not_of("0123456789", digits) - digits);
  }
  return base::bad_input(
      "PostgreSQL could not run postgres.init_sql: " + std::string(base::first_line(words)), where,
      "correct postgres.init_sql; a superuser runs it before the target's data commands");
}

}  // namespace

base::Result<std::string> Databases::make_templates(const std::vector<DataSet>& sets,
                                                    const DataPlaces& places) {
  std::map<Installation, std::vector<DataSet>> by_server;
  for (const DataSet& data : sets) {
    by_server[{data.postgres->bin_folder, data.postgres->version}].push_back(data);
  }
  std::string why_not_kept;
  for (const auto& [installation, those] : by_server) {
    auto why = make_templates_of_server(those, places);
    if (!why) return why;
    if (why_not_kept.empty()) why_not_kept = *std::move(why);
  }
  return why_not_kept;
}

base::Result<std::string> Databases::make_templates_of_server(const std::vector<DataSet>& sets,
                                                              const DataPlaces& places) {
  POOLBENCH_TRY(ensure_running(*sets.front().postgres));
  const std::size_t before = server_->databases.size();
  for (const DataSet& data : sets) {
    if (!data.key.empty()) POOLBENCH_TRY(ensure_template(data, places));
  }
  std::string why_not_kept;
  if (server_->cluster && places.can_keep && server_->databases.size() > before) {
    auto kept = keep_templates(sets);
    if (!kept) return kept;
    why_not_kept = *std::move(kept);
  }
  for (const DataSet& data : sets) {
    if (data.key.empty()) POOLBENCH_TRY(ensure_template(data, places));
  }
  return why_not_kept;
}

base::Result<void> Databases::ensure_template(const DataSet& data, const DataPlaces& places) {
  const std::string target = short_name(data.settings->spec->name);
  const bool has_key = server_->cluster && !data.key.empty();
  DataTemplate made;
  made.database =
      has_key ? fmt::format("poolbench_template_{}_{}", target, data.key.substr(0, kKeyDigits))
              : fmt::format("poolbench_template_{}_{}_{}", target, suffix_, templates_.size() + 1);
  if (has_key) {
    const auto& kept = server_->cluster->kept_templates();
    const auto found = std::ranges::find(kept, data.key, &KeptTemplate::key);
    if (found != kept.end()) {
      templates_[data.name()] = {found->database, found->made_at, found->seconds, true};
      return {};
    }
    if (const auto same = server_->by_key.find(data.key); same != server_->by_key.end()) {
      templates_[data.name()] = same->second;
      return {};
    }
  }
  POOLBENCH_TRY(ensure_running(*data.postgres));
  const auto began = places.clock.steady_now();
  POOLBENCH_TRY(fill(data, made.database, places.log));
  POOLBENCH_TRY(check_unchanged(data));
  const base::Duration took = places.clock.steady_now() - began;
  made.made_at = base::rfc3339(places.clock.utc_now());
  made.seconds = base::to_seconds(took);
  if (!data.is_empty()) note_making(places.keep, data, took);
  if (has_key) server_->by_key[data.key] = made;
  templates_[data.name()] = std::move(made);
  return {};
}

base::Result<void> Databases::fill(const DataSet& data, const std::string& database,
                                   const std::filesystem::path& log) {
  const scenario::TargetSpec& target = *data.settings->spec;
  if (server_->cluster) {
    POOLBENCH_TRY(session_->set_fsync(false));  // trials turn it on again
    POOLBENCH_TRY(set_role_settings({}));       // a statement_timeout, say, is for the load
  }
  POOLBENCH_TRY(session_->drop_database(database));
  POOLBENCH_TRY(session_->create_database(database, {}, terms_.owner));
  server_->databases.insert(database);
  POOLBENCH_TRY(create_extensions(target, database));
  POOLBENCH_TRY(run_init_sql(data.postgres->init_sql, database));
  auto commands = data_commands(*data.settings, data.prepared, data_environment(database));
  if (!commands) return tl::unexpected(commands.error());
  for (process::Command& command : *commands) {
    command.log = log;
    auto done = process::run_to_success(*supervisor_, command, target.data.timeout);
    if (!done) return with_hint_about_rights(std::move(done.error()));
  }
  return commands->empty() ? base::Result<void>{} : analyze(database);
}

// Else the planner of each trial would guess, or know, as autovacuum had the time.
base::Result<void> Databases::analyze(const std::string& database) {
  Conninfo conninfo = data_conninfo();
  conninfo["dbname"] = database;
  auto session = PostgresSession::connect(conninfo);
  if (!session) return tl::unexpected(session.error());
  // It warns of each catalog that belongs to the superuser.
  POOLBENCH_TRY(session->execute("SET client_min_messages = error"));
  return session->execute("VACUUM ANALYZE");
}

/// What no data set of the run needs any more is not kept with the rest.
base::Result<std::string> Databases::keep_templates(const std::vector<DataSet>& sets) {
  std::set<std::string> needed;
  std::vector<KeptTemplate> templates;
  for (const DataSet& data : sets) {
    const auto made = templates_.find(data.name());
    if (data.key.empty() || made == templates_.end() || !needed.insert(data.key).second) continue;
    const DataTemplate& each = made->second;
    templates.push_back({data.key, each.database, each.made_at, each.seconds});
  }
  for (const KeptTemplate& old : server_->cluster->kept_templates()) {
    if (!needed.contains(old.key)) POOLBENCH_TRY(session_->drop_database(old.database));
  }
  POOLBENCH_TRY(session_->set_fsync(true));
  session_.reset();
  auto kept = server_->cluster->keep(std::move(templates));
  if (!kept) return kept;
  POOLBENCH_TRY(ensure_running(scenario::PostgresSettings(running_with_)));
  return kept;
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

base::Result<void> Databases::run_init_sql(const std::vector<scenario::InitSql>& all,
                                           const std::string& database) {
  if (all.empty()) return {};
  Conninfo own = own_conninfo();
  own["dbname"] = database;
  auto session = PostgresSession::connect(own);
  if (!session) return tl::unexpected(session.error());
  for (const scenario::InitSql& init : all) {
    const auto done = session->execute(init.sql);
    if (!done) return refused_init(init, done.error().message);
  }
  return {};
}

}  // namespace poolbench::service
