#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/declared_metric.h"

// What a target declares to be measured beside the built-in metrics: its [[metric]] tables.

namespace poolbench::scenario {

class TableReader;

/// A quantity, and who is asked for it. Which of the members of the sources are set follows from
/// `source`.
struct MetricSpec {
  std::string name;  ///< "target.requests_num"; a gauge gives NAME_mean and NAME_max
  std::string unit;
  report::Better better = report::Better::kNeither;
  double margin = 0.05;
  report::MetricKind kind = report::MetricKind::kCounter;
  std::optional<report::Per> per;  ///< of a counter
  report::MetricSource source = report::MetricSource::kSql;

  std::string sql;                            ///< gives one row
  std::string column;                         ///< of that row; empty: it has one
  std::string path;                           ///< http_json, prometheus: what is asked for
  std::string pointer;                        ///< http_json: into the answer
  std::string series;                         ///< prometheus: the metric's name there
  std::map<std::string, std::string> labels;  ///< prometheus: that its samples must have
  std::string pattern;                        ///< log: of lines, with one group or none
  bool takes_largest = false;                 ///< of the workers' values, instead of their sum

  /// Whether it is asked for over HTTP.
  [[nodiscard]] bool is_http() const {
    return source == report::MetricSource::kHttpJson || source == report::MetricSource::kPrometheus;
  }
};

/// Whose metrics they are.
struct MetricOwner {
  std::string prefix;       ///< of their names: "target."
  bool is_measured = true;  ///< load goes to it, so that nothing else may ask it under load
};

/// Reads the [[metric]] tables.
std::vector<MetricSpec> read_metrics(TableReader& top, const MetricOwner& owner);

/// The metrics that it gives, as a report carries them.
report::DeclaredMetrics declared_by(const MetricSpec& spec);

}  // namespace poolbench::scenario
