#include "service/data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "process/launch.h"
#include "service/postgres/kept_data.h"
#include "service/target_command.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::size_t kNameDigits = 16;

/// Of the standard part of the environment those that do not show in data.
constexpr std::array kNotInData = {"TERM", "TMPDIR"};

/// PostgreSQL's settings by which the same commands make the same tables; all others count, those
/// of extensions and applications among them.
constexpr std::array kSettingsNotInData = {"bgwriter_*",
                                           "checkpoint_*",
                                           "effective_*",
                                           "fsync",
                                           "huge_pages",
                                           "idle_*",
                                           "jit*",
                                           "full_page_writes",
                                           "log_*",
                                           "maintenance_work_mem",
                                           "max_*",
                                           "min_wal_size",
                                           "port",
                                           "random_page_cost",
                                           "shared_buffers",
                                           "reserved_connections",
                                           "ssl*",
                                           "superuser_reserved_connections",
                                           "synchronous_commit",
                                           "statement_timeout",
                                           "tcp_*",
                                           "temp_buffers",
                                           "track_io_timing",
                                           "unix_socket_*",
                                           "wal_*",
                                           "work_mem"};

Json settings_in_data(const scenario::PostgresSettings& postgres) {
  Json settings = Json::object();
  for (const auto& [name, value] : postgres.settings) {
    std::string small = name;
    std::ranges::transform(small, small.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto means = [&](const char* pattern) { return base::means_variable(pattern, small); };
    if (std::ranges::none_of(kSettingsNotInData, means)) settings[small] = value;
  }
  return settings;
}

Json init_sql_of(const scenario::PostgresSettings& postgres) {
  Json all = Json::array();
  for (const scenario::InitSql& init : postgres.init_sql) all.push_back(init.sql);
  return all;
}

Json hashes_of_surroundings(const base::Environment& caller) {
  Json hashes = Json::object();
  for (const auto& [name, value] : base::standard_environment(caller)) {
    if (std::ranges::find(kNotInData, name) == kNotInData.end()) {
      hashes[name] = base::sha256_hex(value);
    }
  }
  return hashes;
}

/// The programs that PATH leads to, as they lie there.
Json programs_of(const scenario::TargetSpec& target, const base::Environment& caller) {
  Json programs = Json::object();
  const auto path = caller.find("PATH");
  for (const auto& command : target.data.commands) {
    const std::string& name = command.front();
    if (path == caller.end() || name.find('/') != std::string::npos) continue;
    programs[name] = program_stamp(process::find_program(name, path->second));
  }
  return programs;
}

/// The files that the commands name, whether they are declared as inputs or not: a script that was
/// changed makes other data.
base::Result<Json> hashes_of_named_files(const scenario::TargetSpec& target) {
  Json hashes = Json::object();
  for (const auto& command : target.data.commands) {
    for (const std::string& word : command) {
      for (const fs::path& folder : {target.folder, target.data.folder}) {
        std::error_code ignored;
        const fs::path file = folder / word;
        if (word.empty() || !fs::is_regular_file(file, ignored)) continue;
        auto hash = base::sha256_of_file(file);
        if (!hash) return tl::unexpected(hash.error());
        hashes[folder == target.folder ? word : "folder/" + word] = *std::move(hash);
      }
    }
  }
  return hashes;
}

/// How the parameters reach the commands.
Json ways_of(const scenario::TargetSpec& target) {
  Json ways = Json::object();
  for (const auto& [name, parameter] : target.data.params) {
    ways[name] = {parameter.argument, parameter.flag, parameter.environment};
  }
  return ways;
}

fs::path time_file(const fs::path& cache, const DataSet& data) {
  const std::string name = base::sha256_hex(data.name()).substr(0, kNameDigits);
  return cache / "data-times" / (name + ".json");
}

}  // namespace

std::string DataSet::name_of(const scenario::TargetSettings& settings,
                             const scenario::PostgresSettings& postgres) {
  std::string name = settings.spec->folder.string() + "\n" + base::json_dump(settings.data_params);
  const bool is_usual = postgres.bin_folder.empty() && postgres.version.empty();
  if (!is_usual) name += "\n" + postgres.bin_folder.string() + "\n" + postgres.version;
  if (!postgres.init_sql.empty()) name += "\n" + base::json_dump(init_sql_of(postgres));
  return name;
}

base::Result<std::string> data_key(const scenario::TargetSettings& settings,
                                   const std::string& prepared_hash,
                                   const scenario::PostgresSettings& postgres,
                                   const base::Environment& caller) {
  const scenario::TargetSpec& target = *settings.spec;
  const auto& data = target.data;
  if (!data.inputs || (data.commands.empty() && data.extensions.empty())) return std::string();
  const auto inputs = hash_inputs(target.folder, *data.inputs, {});
  if (!inputs) return tl::unexpected(inputs.error());
  const auto files = hashes_of_named_files(target);
  if (!files) return tl::unexpected(files.error());
  Json parts = {{"inputs", *inputs},
                {"files", *files},
                {"commands", data.commands},
                {"folder", data.folder.lexically_relative(target.folder).string()},
                {"environment", data.environment},
                {"params", settings.data_params},
                {"ways", ways_of(target)},
                {"schema", target.schema},
                {"extensions", data.extensions},
                {"prepared", prepared_hash},
                {"inherited", inherited_hashes(target, caller).named},
                {"settings", settings_in_data(postgres)},
                {"surroundings", hashes_of_surroundings(caller)},
                {"programs", programs_of(target, caller)}};
  if (!postgres.init_sql.empty()) parts["init_sql"] = init_sql_of(postgres);
  return base::sha256_hex(base::json_dump(parts));
}

base::Result<std::vector<DataSet>> data_sets(const scenario::Scenario& scenario,
                                             const Cache& cache) {
  std::vector<DataSet> sets;
  std::set<std::string> seen;
  for (const scenario::Cell& cell : scenario.cells) {
    if (cell.target.runs_already()) continue;  // and has its own
    if (!seen.insert(DataSet::name_of(cell.target, cell.postgres)).second) continue;
    const auto prepared = find_prepared(*cell.target.spec, cache);
    if (!prepared) return tl::unexpected(prepared.error());
    auto key = data_key(cell.target, prepared->inputs_hash, cell.postgres);
    if (!key) return tl::unexpected(key.error());
    sets.push_back(
        {&cell.target, &cell.postgres, prepared->folder, prepared->inputs_hash, *std::move(key)});
  }
  return sets;
}

base::Result<void> check_unchanged(const DataSet& data) {
  if (data.key.empty()) return {};
  const auto key = data_key(*data.settings, data.prepared_hash, *data.postgres);
  if (!key) return tl::unexpected(key.error());
  if (*key == data.key) return {};
  const scenario::TargetSpec& target = *data.settings->spec;
  return base::failed(
      fmt::format("what the data of target {} are made of changed while they were made",
                  target.name),
      target.folder.string(), "run again: nobody knows which of both the data are");
}

std::optional<base::Duration> last_making(const fs::path& cache, const DataSet& data) {
  const auto text = base::read_file(time_file(cache, data));
  if (!text) return std::nullopt;
  const Json json = base::parse_json(*text);
  const auto seconds = json.is_object() ? json.find("seconds") : json.end();
  if (!json.is_object() || seconds == json.end() || !seconds->is_number()) return std::nullopt;
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::duration<double>(seconds->get<double>()));
}

void note_making(const fs::path& cache, const DataSet& data, base::Duration time) {
  const fs::path file = time_file(cache, data);
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  const Json json = {{"target", data.settings->spec->folder.string()},
                     {"params", data.settings->data_params},
                     {"seconds", base::to_seconds(time)}};
  static_cast<void>(base::write_file_atomically(file, base::json_dump(json) + "\n"));
}

}  // namespace poolbench::service
