#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "report/metric.h"

// What services that draw benchmarks over time take.

namespace poolbench::report {

/// A cell's estimate of a metric, in the metric's own unit.
struct BenchmarkFigure {
  std::string cell;
  Metric metric;
  double value = 0;
  std::optional<double> ci_low, ci_high;
  std::string remark{};  ///< a line for whoever points at it; may be empty
};

/// Of each cell, the metrics of these names of which it has an estimate. kBadInput for a name that
/// the report does not know.
base::Result<std::vector<BenchmarkFigure>> benchmark_figures(const Report& report,
                                                             const std::vector<std::string>& names);

/// JSON for Bencher: {cell: {metric: {value, lower_value, upper_value}}}, without the bounds where
/// there is no interval.
base::Json to_bencher(const std::vector<BenchmarkFigure>& figures);

/// JSON for github-action-benchmark: [{name, unit, value, range, extra}], values in the unit in
/// which they are shown. kBadInput where they are not all better higher, or all better lower: the
/// action is told one direction for a file.
base::Result<base::Json> to_github_action_benchmark(const std::vector<BenchmarkFigure>& figures);

}  // namespace poolbench::report
