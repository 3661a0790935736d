#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/words.h"

namespace poolbench::report {

/// A metric that a target declares, as a report carries it: whoever reads the report needs nothing
/// else to judge and show it. A gauge makes two of them, its mean and its maximum.
struct DeclaredMetric {
  std::string name;  ///< "target.requests_num", "target.pool_size_mean"
  std::string unit;  ///< of what the source tells: "ms"
  Better better = Better::kNeither;
  double margin = 0;  ///< smallest relative change worth a verdict
  MetricKind kind = MetricKind::kCounter;
  std::optional<Per> per;  ///< of a counter
  MetricSource source = MetricSource::kSql;
  friend bool operator==(const DeclaredMetric&, const DeclaredMetric&) = default;
};
using DeclaredMetrics = std::vector<DeclaredMetric>;

}  // namespace poolbench::report
