#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "page/axis.h"
#include "page/cells.h"

// One function for each form of chart. Each gives SVG that attributes alone carry, with classes for
// the style sheet. Places across are in per cent, so that a chart is as wide as it is let, and its
// text and marks stay as they are. A row's picture fills its table cell; its axis stands in the
// head of the column.

namespace poolbench::page {

struct Interval {
  double low = 0, high = 0;
};

/// How wide the pictures of a row are where no style sheet lets them fill their cell, in pixels.
inline constexpr int kTrialsWidth = 240, kBarWidth = 140, kRatioWidth = 300, kCloseWidth = 160;

/// The marks of an axis for the head of a column, as wide as its pictures.
std::string axis_head(const Axis& axis, int width);

/// One trial as a dot.
struct TrialDot {
  double value = 0;
  bool counts = true;
  std::string title;  ///< what it says when it is pointed at
};

/// The row of a cell: its trials from the first block at the top to the last, their estimate with
/// its interval, and what was published.
struct TrialsRow {
  CellStyle style;
  std::vector<TrialDot> trials;
  std::optional<double> estimate;
  std::optional<Interval> interval;
  std::optional<double> published;
  std::string published_title;
};
std::string trials_row(const Axis& axis, const TrialsRow& row);

/// A part of a stacked bar.
struct Segment {
  const char* kind = "";  ///< class in the style sheet: "k-app", "k-con", "k-gen"
  double value = 0;
  std::string title;  ///< what it says when it is pointed at
  std::string label;  ///< inside, where there is room; may be empty
};
/// A bar from 0, its parts one after the other.
std::string stacked_bar(const Axis& axis, const std::vector<Segment>& segments);

/// The row of a comparison: a ratio with its interval, and the margin about 1.
struct RatioRow {
  double margin = 0;
  std::optional<double> ratio;
  std::optional<Interval> interval;
  bool is_decided = true;
  std::optional<double> published;
};
std::string ratio_row(const Axis& axis, const RatioRow& row);
/// The same close to 1: an arrow says on which side a ratio lies that is outside.
std::string ratio_row_close(const Axis& axis, const RatioRow& row);

/// The row of a piece of evidence: what is claimed as a band, and what was measured.
struct ClaimRow {
  std::optional<double> at_least, at_most, estimate;
  std::optional<Interval> interval;
  bool is_decided = true;
};
std::string claim_row(const Axis& axis, const ClaimRow& row);

/// Latency of a cell by the share of answers within it.
struct PercentileCurve {
  CellStyle style;
  std::string label;
  struct Point {
    double tail = 0;                            ///< −log₁₀(1 − q)
    double value = 0, lowest = 0, highest = 0;  ///< over trials, in ms
    bool is_sparse = false;                     ///< few answers lie beyond it
  };
  std::vector<Point> points;
};
/// What the axes of several pictures have in common.
struct PercentileRange {
  double low = std::numeric_limits<double>::infinity(), high = 0;  ///< ms
  double last_tail = 1;
};
/// `description`: for those who do not see it.
std::string percentile_curves(const std::vector<PercentileCurve>& curves,
                              const PercentileRange& range, const std::string& description);

/// How a cell did over time.
struct TimeSeries {
  CellStyle style;
  struct Phase {
    std::string name;  ///< of start, warm-up, measure and stop
    std::optional<double> seconds;
  };
  std::vector<Phase> phases;
  double seconds = 0;                      ///< of the measured window
  std::vector<std::vector<double>> rates;  ///< of each trial, evenly over the window
  std::vector<double> median;              ///< of the trials
  double highest_rate = 0;                 ///< of the vertical axis
  std::vector<std::int64_t> connections;   ///< samples
  double connections_interval = 0;         ///< seconds
};
std::string time_series(const TimeSeries& series, const std::string& description);

}  // namespace poolbench::page
