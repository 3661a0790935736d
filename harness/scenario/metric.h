#pragma once

#include <string>
#include <vector>

namespace poolbench::scenario {

/// A named quantity of a trial: how it is shown and judged.
struct Metric {
  const char* name = "";      ///< as in reports and scenarios; it ends with its unit
  const char* label = "";     ///< with the unit it is shown in, for tables: "requests/s", "p99 ms"
  double display_factor = 1;  ///< shown value ÷ stored value: 0.001 where µs are shown as ms
  bool higher_is_better = false;
  bool counts = false;  ///< whole things, shown without decimals where there are none
  double margin = 0;    ///< smallest relative change worth a verdict (docs/method.md)
  /// Counts what happened, which steal or a set clock cannot touch.
  bool machine_proof = false;
};

/// Null for a name that metric_names() does not hold.
const Metric* find_metric(const std::string& name);

/// The metrics a scenario may name, the default one first.
const std::vector<std::string>& metric_names();

}  // namespace poolbench::scenario
