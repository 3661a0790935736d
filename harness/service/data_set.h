#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "base/time.h"
#include "scenario/scenario.h"
#include "service/prepare.h"

// The data sets of a scenario: what the template databases of its targets hold.

namespace poolbench::service {

/// A target's data with the values of their parameters, in a server.
struct DataSet {
  const scenario::TargetSettings* settings = nullptr;  ///< of the first cell that has it
  const scenario::PostgresSettings* postgres =
      nullptr;                     ///< of that cell: they are made under these
  std::filesystem::path prepared;  ///< the target's prepared folder
  std::string prepared_hash{};     ///< of what it is made of
  /// Tells it from all others, whatever the server; empty: nothing is made, or nothing tells.
  std::string key{};

  /// Tells it from the others of the run.
  [[nodiscard]] std::string name() const { return name_of(*settings, *postgres); }
  static std::string name_of(const scenario::TargetSettings& settings,
                             const scenario::PostgresSettings& postgres);
  /// Whether it is an empty database.
  [[nodiscard]] bool is_empty() const {
    return settings->spec->data.commands.empty() && settings->spec->data.extensions.empty() &&
           postgres->init_sql.empty();
  }
};

/// SHA-256 over all that the data are made of: the content of the inputs, the commands with the
/// files that they name, their folder, environment and parameters, the extensions, init_sql, what
/// was prepared, and what of `caller`'s environment and of PostgreSQL's settings may show in them.
/// Empty where no inputs are declared, or there is nothing to make.
base::Result<std::string> data_key(const scenario::TargetSettings& settings,
                                   const std::string& prepared_hash,
                                   const scenario::PostgresSettings& postgres,
                                   const base::Environment& caller = base::own_environment());

/// Each data set of the scenario's cells once, in their order.
base::Result<std::vector<DataSet>> data_sets(const scenario::Scenario& scenario,
                                             const Cache& cache);

/// Fails if the key of the data, which have just been made, is not what it was before.
base::Result<void> check_unchanged(const DataSet& data);

/// What it took to make the data the last time on this machine; nothing if that is not known.
std::optional<base::Duration> last_making(const std::filesystem::path& cache, const DataSet& data);

/// Keeps it. What cannot be written is not known the next time.
void note_making(const std::filesystem::path& cache, const DataSet& data, base::Duration time);

}  // namespace poolbench::service
