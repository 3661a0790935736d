#pragma once

#include "base/json.h"
#include "scenario/scenario.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {

/// The tables of a scenario that say which services a cell has, and what they are set to.
struct ServiceTables {
  TableReader& postgres;  ///< its key `via`
  TableReader& target;    ///< its place is that of what the target needs
  TableReader& service;  ///< [service.NAME]; the tables of services that the cell does not have are
                         ///< not looked at
};

/// The services of postgres.via, and those that the target needs.
ServiceSettings read_services(ServiceTables tables, const TargetSettings& target,
                              const ServiceLoader& loader);

/// Where services and what else a cell has do not go together.
void check_services(ServiceTables tables, const ServiceSettings& services,
                    const PostgresSettings& postgres, const TargetSettings& target);

/// What [service.NAME] may hold, for each service of the cell.
base::Json to_json(const ServiceSettings& services);

}  // namespace poolbench::scenario
