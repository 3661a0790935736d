#include "run/data_forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenario/toml/setting.h"
#include "service/data_set.h"
#include "service/postgres/installation.h"
#include "service/postgres/kept_data.h"

namespace poolbench::run {
namespace {

/// Keys of the data sets that are kept for the server of these settings.
std::set<std::string> kept_keys(const scenario::PostgresSettings& settings,
                                const std::filesystem::path& cache) {
  std::set<std::string> keys;
  if (settings.source != scenario::PostgresSettings::Source::kPrivate) return keys;
  const auto installed = service::installed_program(settings, {cache, cache});
  if (!installed) return keys;
  const std::string program = service::program_stamp(*installed);
  for (const service::KeptCluster& kept : service::kept_clusters(cache)) {
    if (kept.program != program) continue;
    for (const service::KeptTemplate& each : kept.templates) keys.insert(each.key);
  }
  return keys;
}

}  // namespace

std::string DataForecast::name() const {
  std::string text = "target " + target;
  for (const auto& [param, value] : params.items()) {
    text += fmt::format(", {}={}", param, scenario::value_text(value));
  }
  return text;
}

base::Result<std::vector<DataForecast>> foresee_data(const scenario::Scenario& scenario,
                                                     bool fresh_data) {
  const std::filesystem::path folder = service::cache_folder();
  const auto sets = service::data_sets(scenario, {folder, folder});
  if (!sets) return tl::unexpected(sets.error());
  std::vector<DataForecast> forecast;
  for (const service::DataSet& data : *sets) {
    if (data.is_empty()) continue;
    const bool is_kept =
        !fresh_data && !data.key.empty() && kept_keys(*data.postgres, folder).contains(data.key);
    forecast.push_back({data.settings->spec->name, data.settings->data_params, is_kept,
                        is_kept ? std::nullopt : service::last_making(folder, data)});
  }
  return forecast;
}

base::Duration time_for(const std::vector<DataForecast>& data) {
  base::Duration time{};
  for (const DataForecast& each : data) time += each.time.value_or(base::Duration{});
  return time;
}

}  // namespace poolbench::run
