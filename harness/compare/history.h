#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"
#include "stats/series.h"

namespace poolbench::compare {

/// One metric of one cell in one run, as history.jsonl holds it, one line each. Everything
/// follows from the run's report: the file can be rebuilt at any time.
struct HistoryLine {
  std::string report_id, started_at, scenario;
  std::string machine;     ///< processor, count and architecture
  std::string conditions;  ///< equal when two runs of the cell are comparable: conditions_key()
  bool in_turns = false;   ///< with design.slice, which leaves out much of the noise
  std::string cell, metric;
  std::string unit;      ///< of a declared metric; empty: the metric is built in
  std::string anchor;    ///< cell that log_value is relative to; empty: none
  int n = 0;             ///< blocks
  double value = 0;      ///< Hodges–Lehmann over the blocks, in the metric's unit
  double log_value = 0;  ///< ln(value ÷ anchor), paired by block; without an anchor ln(value)
  std::optional<double> standard_error;  ///< of log_value; none below six blocks
};

/// The line of a cell as far as it follows from the report's conditions: without figures. `anchor`:
/// the id of a cell of the report, or empty.
HistoryLine blank_line(const report::Report& report, const report::CellReport& cell,
                       const std::string& metric, const std::string& anchor);

/// The lines of a report's good cells: every metric whose values are all above 0.
std::vector<HistoryLine> history_lines(const report::Report& report);

base::Json to_json(const HistoryLine& line);

/// One JSON object a line.
std::string history_text(const std::vector<HistoryLine>& lines);

/// Reads what history_text wrote, and lines with such objects in their member "history" (as
/// tools/aa-study writes them). kBadInput with the number of the line.
base::Result<std::vector<HistoryLine>> parse_history(std::string_view text);

/// A change of level in a cell's history that lasted.
struct Change {
  std::string report_id, started_at;  ///< of the first run at the new level
  double ratio = 1;                   ///< new ÷ old level
  std::string state;                  ///< candidate | confirmed | recovered | acknowledged
};

/// One metric of one cell over its comparable runs.
struct Trend {
  std::string scenario, cell, metric, anchor;
  std::vector<HistoryLine> runs;  ///< oldest first, all under the conditions of the last
  int elsewhere = 0;              ///< further runs, under other conditions or anchors
  std::vector<Change> changes;    ///< oldest first
};

/// Runs after the first changed one that make a candidate a confirmed change.
inline constexpr std::size_t kConfirmingRuns = 3;

/// A trend for each scenario, cell and metric (those named; empty: all), in the order in which they
/// occur. Change points of log_value by E-divisive, window 50, p ≤ .001, of at least 2 %. A change
/// is a candidate until three more runs have come after its first one, then confirmed; it is
/// recovered when a later change brings the level back to within 2 % of what it was; it is
/// acknowledged when `acknowledged` holds the id of its first run's report.
std::vector<Trend> trends(const std::vector<HistoryLine>& lines,
                          const std::vector<std::string>& metrics,
                          const std::set<std::string>& acknowledged);

}  // namespace poolbench::compare
