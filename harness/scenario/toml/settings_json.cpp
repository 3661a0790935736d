#include "base/time.h"
#include "scenario/cell_settings.h"
#include "scenario/cpu_list.h"

namespace poolbench::scenario {
namespace {

base::Json json_of(const PostgresSettings& postgres) {
  const bool external = postgres.source == PostgresSettings::Source::kExternal;
  base::Json json;
  json["source"] = external ? "external" : "private";
  if (external) {
    json["dsn_env"] = postgres.dsn_env;
    if (!postgres.target_dsn_env.empty()) json["target_dsn_env"] = postgres.target_dsn_env;
    return json;
  }
  json["bin_folder"] =
      postgres.bin_folder.empty() ? base::Json() : base::Json(postgres.bin_folder.string());
  json["transport"] = postgres.transport;
  json["settings"] = postgres.settings;
  return json;
}

base::Json json_of(const LoadSettings& load) {
  base::Json json;
  json["generator"] = load.generator;
  json["connections"] = load.connections;
  json["threads"] = load.threads;
  json["keep_alive"] = load.keep_alive;
  json["warmup"] =
      load.warmup_by_pilots ? base::Json() : base::Json(base::format_duration(load.warmup));
  json["measure"] = base::format_duration(load.measure);
  json["requests"] = load.requests ? base::Json(*load.requests) : base::Json();
  json["rate"] = load.rate_hz ? base::Json(*load.rate_hz) : base::Json();
  json["timeout"] = base::format_duration(load.timeout);
  json["tolerated_error_ratio"] = load.tolerated_error_ratio;
  if (load.slice) json["slice"] = base::format_duration(*load.slice);
  return json;
}

base::Json json_of(const std::vector<int>& cpus) {
  return cpus.empty() ? base::Json() : base::Json(format_cpu_list(cpus));
}

}  // namespace

base::Json to_json(const CellSettings& settings) {
  base::Json json;
  json["target"]["use"] = settings.use;
  json["target"]["params"] = settings.target.params;
  json["target"]["endpoint"] = settings.target.endpoint;
  json["postgres"] = json_of(settings.postgres);
  json["load"] = json_of(settings.load);
  json["placement"]["generator"] = json_of(settings.placement.generator);
  json["placement"]["target"] = json_of(settings.placement.target);
  json["placement"]["postgres"] = json_of(settings.placement.postgres);
  return json;
}

base::Json to_json(const DesignSettings& design) {
  base::Json json;
  json["blocks"] = design.precision ? base::Json() : base::Json(design.blocks);
  json["precision"] = base::or_null(design.precision);
  json["max_blocks"] = design.precision ? base::Json(design.max_blocks) : base::Json();
  json["seed"] = design.seed ? base::Json(*design.seed) : base::Json();
  json["slice"] = design.slice ? base::Json(base::format_duration(*design.slice)) : base::Json();
  json["skip_missing_generators"] = design.skip_missing_generators;
  return json;
}

}  // namespace poolbench::scenario
