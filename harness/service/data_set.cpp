#include "service/data_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "base/file.h"
#include "base/json.h"
#include "service/target_command.h"

namespace poolbench::service {
namespace {

namespace fs = std::filesystem;
using base::Json;

constexpr std::size_t kNameDigits = 16;

/// Of the standard part of the environment those that a program may write into its data.
constexpr std::array kShowInData = {"LANG", "LC_*", "TZ"};

/// Of PostgreSQL's settings those by which the same commands make other tables.
constexpr std::array<std::string_view, 9> kSettingsInData = {"datestyle",
                                                             "default_statistics_target",
                                                             "default_table_access_method",
                                                             "default_tablespace",
                                                             "default_toast_compression",
                                                             "intervalstyle",
                                                             "search_path",
                                                             "timezone",
                                                             "xmloption"};

Json settings_in_data(const scenario::PostgresSettings& postgres) {
  Json settings = Json::object();
  for (const auto& [name, value] : postgres.settings) {
    std::string small = name;
    std::ranges::transform(small, small.begin(), [](unsigned char c) { return std::tolower(c); });
    if (std::ranges::find(kSettingsInData, small) != kSettingsInData.end()) settings[small] = value;
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
    const auto means = [&](const char* pattern) { return base::means_variable(pattern, name); };
    if (std::ranges::any_of(kShowInData, means)) hashes[name] = base::sha256_hex(value);
  }
  return hashes;
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
                {"surroundings", hashes_of_surroundings(caller)}};
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
    sets.push_back({&cell.target, &cell.postgres, prepared->folder, *std::move(key)});
  }
  return sets;
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
