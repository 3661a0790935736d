#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "scenario/target/program_spec.h"

// What a target says of where its requests' time goes: its table [budget].

namespace poolbench::scenario {

class TableReader;
struct MetricSpec;

struct BudgetSpec {
  /// How many requests it works on at once, where these conditions hold: the product of these
  /// parameters.
  struct ServesAtOnce {
    std::vector<RuleSpec::Condition> when;
    std::vector<std::string> params;
  };
  /// What tells how long requests wait for a connection of its own pool. Where the conditions do
  /// not hold it has no such pool.
  struct ConnectionWait {
    std::vector<RuleSpec::Condition> when;
    std::string metric;      ///< "target.pool_wait_ms", a counter per request
    double us_per_unit = 1;  ///< of that metric
  };
  std::vector<ServesAtOnce> serves_at_once;  ///< the first whose conditions hold counts
  std::optional<ConnectionWait> connection_wait;
};

/// Reads the table; it may name these parameters and metrics alone.
BudgetSpec read_budget(TableReader& top, const std::map<std::string, ParameterSpec>& params,
                       const std::vector<MetricSpec>& metrics);

/// With these parameters; unset where the target does not say.
std::optional<double> serves_at_once(const BudgetSpec& budget,
                                     const std::map<std::string, base::Json>& params);

}  // namespace poolbench::scenario
