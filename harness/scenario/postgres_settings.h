#pragma once

#include "base/json.h"
#include "scenario/scenario.h"
#include "scenario/toml/reader.h"

namespace poolbench::scenario {

/// Which questions make sense of a tree of settings.
enum class Completeness {
  kCell,  ///< a whole cell: it must name a target, and its parameters are checked
  kBase,  ///< the scenario before the axes are applied: the axes may bring what is absent
};

/// Whether the cell's server runs already, and is only used.
bool is_external(const PostgresSettings& postgres);

/// Decodes the table [postgres]; reads the file that init_sql may name.
PostgresSettings read_postgres(TableReader& reader, Completeness completeness);

/// Refuses all that is set but which server it is, for the reason `why`.
void refuse_all_but_server(TableReader& reader, const PostgresSettings& postgres, const char* why);

/// The settings that have an effect, defaults filled in. Those that came after the first reports
/// are left out at their defaults, so that old and new reports are compared.
base::Json to_json(const PostgresSettings& postgres);

}  // namespace poolbench::scenario
