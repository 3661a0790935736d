#pragma once

#include <set>
#include <string>
#include <vector>

#include "compare/history.h"
#include "stats/change_points.h"

namespace poolbench::compare {

/// A change of level in a cell's history that lasted.
struct Change {
  std::string report_id, started_at;  ///< of the first session at the new level
  double ratio = 1;                   ///< new ÷ old level
  std::string state;                  ///< candidate | confirmed | recovered | acknowledged
};

/// One metric of one cell over its comparable sessions.
struct Trend {
  std::string scenario, cell, metric, anchor;
  std::vector<HistoryLine> sessions;  ///< oldest first, all under the conditions of the last
  int elsewhere = 0;                  ///< further sessions, under other conditions or anchors
  std::vector<Change> changes;        ///< oldest first
};

/// Sessions after the first changed one that make a candidate a confirmed change.
inline constexpr std::size_t kConfirmingSessions = 3;

/// A trend for each scenario, cell and metric (those named; empty: all), in the order in which they
/// occur. Change points of log_value by E-divisive, window 50, p ≤ .001, of at least 2 %. A change
/// is a candidate until three more sessions have come after its first one, then confirmed; it is
/// recovered when a later change brings the level back to within 2 % of what it was; it is
/// acknowledged when `acknowledged` holds the id of its first session's report.
std::vector<Trend> trends(const std::vector<HistoryLine>& lines,
                          const std::vector<std::string>& metrics,
                          const std::set<std::string>& acknowledged);

}  // namespace poolbench::compare
