#include "scenario/postgres_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/file.h"
#include "scenario/postgres_wheels.h"

namespace poolbench::scenario {
namespace {

using PostgresSource = PostgresSettings::Source;
using PostgresAuth = PostgresSettings::Auth;

/// Where a private cluster lies and listens is decided by the run; elsewhere it would be no private
/// one.
constexpr std::array<std::string_view, 11> kWhereabouts{
    "config_file", "data_directory",   "external_pid_file",      "hba_file",
    "ident_file",  "include",          "include_if_exists",      "include_dir",
    "port",        "listen_addresses", "unix_socket_directories"};

/// What postgres.tls sets.
constexpr std::array<std::string_view, 4> kTlsSettings{"ssl", "ssl_cert_file", "ssl_key_file",
                                                       "ssl_ca_file"};

constexpr const char* kScramWord = "scram-sha-256";
constexpr std::uintmax_t kLongestInitFile = std::uintmax_t{1} << 20U;

/// A setting's value as the server reads it; nothing, and a mistake, for a table or a list.
std::optional<std::string> server_value(TableReader& reader, const char* key,
                                        const Setting::Member& member) {
  if (member.value.is_table() || member.value.is_list()) {
    reader.mistakes().add(
        member.value.place,
        fmt::format("{} must be a string, a number or true or false, found {}",
                    path_below(reader.path(key), member.key), describe(member.value)));
    return std::nullopt;
  }
  if (member.value.kind == Setting::Kind::kBoolean) {
    return member.value.scalar.get<bool>() ? "on" : "off";
  }
  return value_text(member.value.scalar);
}

void read_server_settings(TableReader& reader, const char* key, PostgresSettings& settings) {
  const Setting* table = reader.table(key);
  if (table == nullptr) return;
  for (const Setting::Member& member : table->members) {
    if (std::ranges::find(kWhereabouts, member.key) != kWhereabouts.end()) {
      reader.mistakes().add(member.key_place,
                            fmt::format("{} is set by poolbench: it says where a private cluster "
                                        "lies and listens",
                                        path_below(reader.path(key), member.key)),
                            "leave it out, or name a server of your own with source = "
                            "\"external\"");
    } else if (auto value = server_value(reader, key, member)) {
      settings.settings[member.key] = *std::move(value);
    }
  }
}

void read_role_settings(TableReader& reader, const char* key, PostgresSettings& settings) {
  const Setting* table = reader.table(key);
  if (table == nullptr) return;
  for (const Setting::Member& member : table->members) {
    if (auto value = server_value(reader, key, member)) {
      settings.role_settings[member.key] = *std::move(value);
    }
  }
}

base::Json show_role_settings(const PostgresSettings& postgres) {
  return postgres.role_settings.empty() ? base::Json(kLeftOut) : base::Json(postgres.role_settings);
}

void read_source(TableReader& reader, const char* key, PostgresSettings& postgres) {
  const bool external = reader.choice(key, {"private", "external"}) == "external";
  postgres.source = external ? PostgresSource::kExternal : PostgresSource::kPrivate;
}

base::Json show_source(const PostgresSettings& postgres) {
  return is_external(postgres) ? "external" : "private";
}

base::Json show_target_dsn(const PostgresSettings& postgres) {
  if (postgres.target_dsn_env.empty()) return kLeftOut;
  return postgres.target_dsn_env;
}

void read_version(TableReader& reader, const char* key, PostgresSettings& postgres) {
  std::vector<std::string> known;
  for (const PostgresWheel& wheel : postgres_wheels()) known.push_back(wheel.major);
  postgres.version = reader.choice(key, known).value_or("");
}

base::Json show_version(const PostgresSettings& postgres) {
  return postgres.version.empty() ? base::Json(kLeftOut) : base::Json(postgres.version);
}

void read_transport(TableReader& reader, const char* key, PostgresSettings& postgres) {
  postgres.transport = reader.choice(key, {"tcp", "unix"}).value_or(postgres.transport);
}

void read_auth(TableReader& reader, const char* key, PostgresSettings& postgres) {
  const bool scram = reader.choice(key, {"trust", kScramWord}) == kScramWord;
  postgres.auth = scram ? PostgresAuth::kScram : PostgresAuth::kTrust;
}

base::Json show_auth(const PostgresSettings& postgres) {
  return postgres.auth == PostgresAuth::kScram ? base::Json(kScramWord) : base::Json(kLeftOut);
}

base::Json show_tls(const PostgresSettings& postgres) {
  return postgres.tls ? base::Json(true) : base::Json(kLeftOut);
}

base::Json show_statements(const PostgresSettings& postgres) {
  return postgres.statements ? base::Json(true) : base::Json(kLeftOut);
}

/// A path that is not absolute starts at the scenario's folder; on the command line, at ours.
void read_init_file(TableReader& reader, const char* key, const std::string& name,
                    PostgresSettings& postgres) {
  const Source& source = *reader.place(key).source;
  std::filesystem::path file = name;
  if (!source.command_line) file = std::filesystem::path(source.name).parent_path() / file;
  std::error_code error;
  const bool is_plain = std::filesystem::is_regular_file(file, error);
  const auto size = is_plain ? std::filesystem::file_size(file, error) : 0;
  const auto text =
      is_plain && size <= kLongestInitFile
          ? base::read_file(file)
          : base::failed(is_plain ? "it is larger than 1 MiB" : "there is no such file");
  if (text) {
    postgres.init_sql.push_back({*text, file.string(), name});
    return;
  }
  reader.refuse(key,
                fmt::format("names the file {}, which cannot be read: {}", in_quotes(file.string()),
                            text.error().message),
                "a string is a file beside the scenario; SQL itself stands in a list: init_sql = "
                "[\"CREATE SCHEMA shop AUTHORIZATION poolbench\"]");
}

void read_init_sql(TableReader& reader, const char* key, PostgresSettings& postgres) {
  const Setting* value = reader.any(key);
  if (value == nullptr) return;
  if (value->is_string()) return read_init_file(reader, key, value->text(), postgres);
  reader.texts(key);  // makes mistakes of all else
  for (const Setting& item : value->items) {
    if (!item.is_string()) continue;
    const Place& place = item.place;
    std::string where = place.source->name;
    if (!place.source->command_line) where += fmt::format(":{}:{}", place.line, place.column);
    postgres.init_sql.push_back({item.text(), std::move(where), {}});
  }
}

base::Json show_init_sql(const PostgresSettings& postgres) {
  if (postgres.init_sql.empty()) return kLeftOut;
  base::Json shown = base::Json::array();
  for (const InitSql& init : postgres.init_sql) {
    if (!init.file.empty()) {
      return {{"file", init.file}, {"sha256", base::sha256_hex(init.sql)}};
    }
    shown.push_back(init.sql);
  }
  return shown;
}

/// A setting of [postgres], and the source that it has an effect with; none: both.
struct PostgresRow : Row<PostgresSettings> {
  std::optional<PostgresSource> only;
  [[nodiscard]] bool has_effect(const PostgresSettings& postgres) const {
    return !only || *only == postgres.source;
  }
};

constexpr auto kPrivate = PostgresSource::kPrivate, kExternal = PostgresSource::kExternal;

const PostgresRow kPostgresRows[] = {
    {{"source", &read_source, &show_source}, std::nullopt},
    {{"dsn_env", &read_text<&PostgresSettings::dsn_env>, &show<&PostgresSettings::dsn_env>},
     kExternal},
    {{"target_dsn_env", &read_text<&PostgresSettings::target_dsn_env>, &show_target_dsn},
     kExternal},
    {{"bin_folder", &read_text<&PostgresSettings::bin_folder>,
      &show<&PostgresSettings::bin_folder>},
     kPrivate},
    {{"version", &read_version, &show_version}, kPrivate},
    {{"transport", &read_transport, &show<&PostgresSettings::transport>}, kPrivate},
    {{"auth", &read_auth, &show_auth}, kPrivate},
    {{"tls", &read_boolean<&PostgresSettings::tls>, &show_tls}, kPrivate},
    {{"statements", &read_boolean<&PostgresSettings::statements>, &show_statements}, kPrivate},
    {{"settings", &read_server_settings, &show<&PostgresSettings::settings>}, kPrivate},
    {{"role_settings", &read_role_settings, &show_role_settings}, kPrivate},
    {{"init_sql", &read_init_sql, &show_init_sql}, kPrivate},
};

void check_tls(TableReader& reader, const PostgresSettings& postgres) {
  if (postgres.transport == "unix") {
    reader.refuse("tls", "has no effect with postgres.transport = \"unix\"",
                  "PostgreSQL has no TLS on a unix socket: set transport = \"tcp\", or leave tls "
                  "out");
  }
  for (const std::string_view name : kTlsSettings) {
    if (!postgres.settings.contains(std::string(name))) continue;
    reader.refuse("settings", fmt::format("sets {}, which postgres.tls sets", name),
                  "leave one of them out");
  }
}

/// What one key of [postgres] asks of another.
void check_postgres(TableReader& reader, const PostgresSettings& postgres) {
  if (is_external(postgres) && !reader.has("dsn_env")) {
    reader.refuse_missing("dsn_env", "name the environment variable that holds the DSN");
  }
  // A setting that changes nothing must not look as if it did.
  for (const PostgresRow& row : kPostgresRows) {
    if (row.has_effect(postgres) || !reader.has(row.key)) continue;
    reader.refuse(row.key,
                  fmt::format("has no effect with source = \"{}\"",
                              is_external(postgres) ? "external" : "private"),
                  "leave it out");
  }
  if (is_external(postgres)) return;
  if (postgres.tls) check_tls(reader, postgres);
  if (!postgres.version.empty() && !postgres.bin_folder.empty()) {
    reader.refuse("version", "and postgres.bin_folder exclude each other",
                  fmt::format("leave one out: a version is fetched as {}, a folder holds an "
                              "installed server",
                              kPostgresWheels));
  }
}

}  // namespace

bool is_external(const PostgresSettings& postgres) {
  return postgres.source == PostgresSource::kExternal;
}

PostgresSettings read_postgres(TableReader& reader, Completeness completeness) {
  PostgresSettings postgres;
  read_rows(kPostgresRows, reader, postgres);
  if (completeness == Completeness::kCell) check_postgres(reader, postgres);
  reader.refuse_unknown();
  return postgres;
}

void refuse_all_but_server(TableReader& reader, const PostgresSettings& postgres, const char* why) {
  for (const PostgresRow& row : kPostgresRows) {
    const std::string_view key = row.key;
    const bool is_server = key == "source" || key == "dsn_env";
    if (!is_server && row.has_effect(postgres) && reader.has(key)) {
      reader.refuse(key, why, "leave it out");
    }
  }
}

base::Json to_json(const PostgresSettings& postgres) {
  base::Json json = show_rows(kPostgresRows, postgres);
  for (const PostgresRow& row : kPostgresRows) {
    if (!row.has_effect(postgres)) json.erase(row.key);
  }
  return json;
}

}  // namespace poolbench::scenario
