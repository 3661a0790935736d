#pragma once

#include <string>

#include "base/json.h"
#include "scenario/diagnostics.h"
#include "scenario/postgres_settings.h"
#include "scenario/scenario.h"
#include "scenario/toml/setting.h"

namespace poolbench::scenario {

/// The tables of a scenario that an axis or a variant may change.
const std::vector<std::string>& cell_tables();

/// What those tables hold, decoded.
struct CellSettings {
  TargetSettings target;
  PostgresSettings postgres;
  ServiceSettings services;
  LoadSettings load;
  PlacementSettings placement;
};

/// Who is asked for what a scenario only names.
struct Loaders {
  const TargetLoader& target;
  const ServiceLoader& service;
};

/// Decodes the tables of cell_tables() in `tree`. Always returns something usable for naming and
/// comparing cells; whether it can be run, the mistakes say.
CellSettings read_cell_settings(const Setting& tree, Completeness completeness,
                                const Generators& generators, const Loaders& loaders,
                                Mistakes& mistakes);

/// All settings with defaults filled in, durations as strings, keys in the order of the scenario.
base::Json to_json(const CellSettings& settings);

DesignSettings read_design(const Setting* table, const Place& fallback, Mistakes& mistakes);
base::Json to_json(const DesignSettings& design);

}  // namespace poolbench::scenario
