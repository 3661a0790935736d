#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/declared_metric.h"

// What a target or a service declares to be measured beside the built-in metrics: its [[metric]]
// tables.

namespace poolbench::scenario {

class TableReader;

/// A quantity, and who is asked for it. Which of the members of the sources are set follows from
/// `source`.
struct MetricSpec {
  /// "target.requests_num"; of a service, until a cell has it, "wait_us". A gauge gives NAME_mean
  /// and NAME_max.
  std::string name;
  std::string unit;
  report::Better better = report::Better::kNeither;
  double margin = 0.05;
  report::MetricKind kind = report::MetricKind::kCounter;
  std::optional<report::Per> per;  ///< of a counter
  report::MetricSource source = report::MetricSource::kSql;

  std::string sql;                            ///< gives one row; with `combine` any number
  std::string column;                         ///< of its rows; empty: they have one
  std::string database;                       ///< where it is asked; empty: the trial's own
  bool has_combine = false;                   ///< its rows are combined
  std::string path;                           ///< http_json, prometheus: what is asked for
  std::string pointer;                        ///< http_json: into the answer
  std::string series;                         ///< prometheus: the metric's name there
  std::map<std::string, std::string> labels;  ///< prometheus: that its samples must have
  std::string pattern;                        ///< log: of lines, with one group or none
  std::string port;            ///< of a service that is asked over HTTP; empty: its own
  bool takes_largest = false;  ///< of the workers' values or the rows', instead of their sum

  /// Whether it is asked for over HTTP.
  [[nodiscard]] bool is_http() const {
    return source == report::MetricSource::kHttpJson || source == report::MetricSource::kPrometheus;
  }
};

/// Whose metrics they are.
struct MetricOwner {
  std::string prefix;                ///< of their names: "target."
  bool is_service = false;           ///< otherwise load goes to it: nothing else may ask it then
  std::vector<std::string> ports{};  ///< of a service, beside its own
};

/// Reads the [[metric]] tables.
std::vector<MetricSpec> read_metrics(TableReader& top, const MetricOwner& owner);

/// How many microseconds per request its unit is; none where it is no counter of time per request.
std::optional<double> us_per_request(const MetricSpec& spec);

/// The metrics that it gives, as a report carries them.
report::DeclaredMetrics declared_by(const MetricSpec& spec);

}  // namespace poolbench::scenario
