#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "scenario/scenario.h"

// What a run will spend on making its data, before it starts anything.

namespace poolbench::run {

/// One data set of a scenario, as a run would find it.
struct DataForecast {
  std::string target;
  base::Json params;                   ///< of the data, by name
  bool is_kept = false;                ///< an earlier run kept it: nothing is to be made
  std::optional<base::Duration> time;  ///< else what making it took the last time; unset: not known

  /// "target shop, rows=1000".
  [[nodiscard]] std::string name() const;
};

/// Each data set of the scenario that is not an empty database. With `fresh_data` none is kept.
base::Result<std::vector<DataForecast>> foresee_data(const scenario::Scenario& scenario,
                                                     bool fresh_data);

/// What making them takes, as far as it is known.
base::Duration time_for(const std::vector<DataForecast>& data);

}  // namespace poolbench::run
