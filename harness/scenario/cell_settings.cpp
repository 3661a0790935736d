#include "scenario/cell_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/time.h"
#include "scenario/load_settings.h"
#include "scenario/postgres_settings.h"
#include "scenario/service/service_settings.h"
#include "scenario/target/target_params.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {
namespace {

using std::chrono_literals::operator""ms;

constexpr std::int64_t kMostBlocks = 1000;
constexpr std::int64_t kFirstBlocks = 10;  // with design.precision
constexpr base::Duration kShortestSlice = 20ms;
constexpr double kFinest = 0.001, kCoarsest = 0.5;  // design.precision

std::vector<int> read_cpu_list(TableReader& reader, std::string_view key) {
  const std::optional<std::string> text = reader.text(key);
  if (!text) return {};
  if (auto cpus = parse_cpu_list(*text)) return *std::move(cpus);
  reader.refuse(key, fmt::format("must be a list of CPUs, found {}", in_quotes(*text)),
                "write \"0\" or \"0,2-3\", for example");
  return {};
}

template <auto kMember>
void read_cpus(TableReader& reader, const char* key, PlacementSettings& settings) {
  if (reader.has(key)) settings.*kMember = read_cpu_list(reader, key);
}

void read_service_cpus(TableReader& reader, const char* key, PlacementSettings& settings) {
  const Setting* table = reader.table(key);
  if (table == nullptr) return;
  TableReader services(table, reader.path(key), reader.place(key), reader.mistakes());
  for (const Setting::Member& member : table->members) {
    settings.service[member.key] = read_cpu_list(services, member.key);
  }
}

base::Json show_service_cpus(const PlacementSettings& placement) {
  if (placement.service.empty()) return kLeftOut;
  base::Json json = base::Json::object();
  for (const auto& [name, cpus] : placement.service) json[name] = format_cpu_list(cpus);
  return json;
}

template <auto kMember>
base::Json show_cpus(const PlacementSettings& placement) {
  const std::vector<int>& cpus = placement.*kMember;
  return cpus.empty() ? base::Json() : base::Json(format_cpu_list(cpus));
}

/// Where the target's server runs already, nothing is started that these could tell something to.
void check_running(TableReader& postgres, TableReader& placement,
                   const PostgresSettings& settings) {
  constexpr const char* kWhy = "has no effect: the target's server runs already (serve.url)";
  const auto refuse = [&](TableReader& reader, const char* key) {
    if (reader.has(key)) reader.refuse(key, kWhy, "leave it out");
  };
  refuse(placement, "target");
  if (!is_external(settings)) refuse(placement, "postgres");
  refuse_all_but_server(postgres, settings, kWhy);
}

const Row<PlacementSettings> kPlacementRows[] = {
    {"generator", &read_cpus<&PlacementSettings::generator>,
     &show_cpus<&PlacementSettings::generator>},
    {"target", &read_cpus<&PlacementSettings::target>, &show_cpus<&PlacementSettings::target>},
    {"postgres", &read_cpus<&PlacementSettings::postgres>,
     &show_cpus<&PlacementSettings::postgres>},
    {"service", &read_service_cpus, &show_service_cpus},
};

bool from_command_line(const TableReader& reader, std::string_view key) {
  return reader.has(key) && reader.place(key).source->command_line;
}

/// A number of blocks or a precision; of two that exclude each other the command line's counts.
void read_blocks(TableReader& reader, const char* /*key*/, DesignSettings& design) {
  const auto blocks = reader.integer("blocks", 1, kMostBlocks);
  const auto most = reader.integer("max_blocks", kFirstBlocks, kMostBlocks);
  const auto precision = reader.percentage("precision", kFinest, kCoarsest);
  const bool both = reader.has("blocks") && reader.has("precision");
  const bool blocks_win = from_command_line(reader, "blocks");
  if (both && blocks_win == from_command_line(reader, "precision")) {
    reader.refuse("precision", "and design.blocks exclude each other",
                  "leave one out: a fixed number of blocks, or as many as the precision needs");
  }
  if (!reader.has("precision") && reader.has("max_blocks")) {
    reader.refuse("max_blocks", "has no effect without design.precision", "leave it out");
  }
  if (both ? blocks_win : !reader.has("precision")) {
    design.blocks = static_cast<int>(blocks.value_or(design.blocks));
    return;
  }
  design.precision = precision;
  design.blocks = static_cast<int>(kFirstBlocks);
  design.max_blocks = static_cast<int>(most.value_or(design.max_blocks));
}

base::Json show_blocks(const DesignSettings& design) {
  return design.precision ? base::Json() : base::Json(design.blocks);
}

base::Json show_max_blocks(const DesignSettings& design) {
  return design.precision ? base::Json(design.max_blocks) : base::Json();
}

void read_seed(TableReader& reader, const char* key, DesignSettings& design) {
  if (const auto seed = reader.integer(key, 0)) design.seed = static_cast<std::uint64_t>(*seed);
}

void read_slice(TableReader& reader, const char* key, DesignSettings& design) {
  design.slice = reader.duration(key, kShortestSlice);
}

/// It came later than the first reports.
base::Json show_skip_services(const DesignSettings& design) {
  return design.skip_missing_services ? base::Json(true) : base::Json(kLeftOut);
}
base::Json show_skip_targets(const DesignSettings& design) {
  return design.skip_missing_targets ? base::Json(true) : base::Json(kLeftOut);
}

const Row<DesignSettings> kDesignRows[] = {
    {"blocks", &read_blocks, &show_blocks},
    {"precision", nullptr, &show<&DesignSettings::precision>},
    {"max_blocks", nullptr, &show_max_blocks},
    {"seed", &read_seed, &show<&DesignSettings::seed>},
    {"slice", &read_slice, &show<&DesignSettings::slice>},
    {"skip_missing_generators", &read_boolean<&DesignSettings::skip_missing_generators>,
     &show<&DesignSettings::skip_missing_generators>},
    {"skip_missing_services", &read_boolean<&DesignSettings::skip_missing_services>,
     &show_skip_services},
    {"skip_missing_targets", &read_boolean<&DesignSettings::skip_missing_targets>,
     &show_skip_targets},
};

}  // namespace

const std::vector<std::string>& cell_tables() {
  static const std::vector<std::string> names{"target",  "data", "postgres",
                                              "service", "load", "placement"};
  return names;
}

CellSettings read_cell_settings(const Setting& tree, Completeness completeness,
                                const Generators& generators, const Loaders& loaders,
                                Mistakes& mistakes) {
  const auto reader = [&](const std::string& name) {
    return TableReader(tree.find(name), name, tree.place, mistakes);
  };
  CellSettings settings;
  TableReader target = reader("target");
  TableReader data = reader("data");
  settings.target = read_target_settings(target, data, loaders.target);
  if (completeness == Completeness::kCell && !target.has("use")) {
    target.refuse_missing("use", "write use = \"NAME\": a folder of targets/, or a path");
  }
  TableReader postgres = reader("postgres"), service = reader("service");
  const ServiceTables tables{postgres, target, service};
  settings.services = read_services(tables, settings.target, loaders.service);
  settings.postgres = read_postgres(postgres, completeness);
  if (completeness == Completeness::kCell) {
    check_services(tables, settings.services, settings.postgres, settings.target);
  }
  TableReader load = reader("load");
  settings.load = read_load(load, generators);
  check_mix(load, settings.target);
  if (!settings.load.mix.empty() && target.has("endpoint")) {
    target.refuse("endpoint", "has no effect with load.mix", "leave one of them out");
  }
  if (completeness == Completeness::kCell) {
    check_generator(load, settings.load, settings.target, generators);
  }
  const bool external = completeness == Completeness::kCell && is_external(settings.postgres);
  TableReader placement = reader("placement");
  read_rows(kPlacementRows, placement, settings.placement);
  if (external && placement.has("postgres")) {
    placement.refuse("postgres", "has no effect with postgres.source = \"external\"",
                     "leave it out");
  }
  if (completeness == Completeness::kCell && settings.target.runs_already()) {
    check_running(postgres, placement, settings.postgres);
  }
  placement.refuse_unknown();
  return settings;
}

DesignSettings read_design(const Setting* table, const Place& fallback, Mistakes& mistakes) {
  TableReader reader(table, "design", fallback, mistakes);
  DesignSettings design;
  read_rows(kDesignRows, reader, design);
  reader.refuse_unknown();
  return design;
}

base::Json to_json(const CellSettings& settings) {
  base::Json json;
  json["target"]["use"] = settings.target.use;
  json["target"]["params"] = settings.target.params;
  json["target"]["endpoint"] = settings.target.endpoint;
  if (settings.target.allow_remote) json["target"]["allow_remote"] = true;
  const auto& data = settings.target.data_params;
  if (!data.empty()) json["data"]["params"] = data;
  const bool has_postgres = !settings.target.runs_already() || is_external(settings.postgres);
  json["postgres"] = has_postgres ? to_json(settings.postgres) : base::Json();
  if (!settings.services.path.empty()) json["postgres"]["via"] = settings.services.via();
  base::Json services = to_json(settings.services);
  if (!services.empty()) json["service"] = std::move(services);
  json["load"] = to_json(settings.load);
  json["placement"] = show_rows(kPlacementRows, settings.placement);
  return json;
}

base::Json to_json(const DesignSettings& design) { return show_rows(kDesignRows, design); }

}  // namespace poolbench::scenario
