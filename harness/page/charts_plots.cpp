#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "page/charts.h"
#include "page/svg.h"
#include "report/metric.h"

namespace poolbench::page {
namespace {

using svg::percent;

/// Curves are drawn in a square of this side, which is stretched.
constexpr double kSide = 1000;

std::string open_plot(int width, int height, const std::string& description) {
  const std::string role =
      description.empty() ? std::string(R"(aria-hidden="true")")
                          : fmt::format(R"(role="img" aria-label="{}")", svg::escaped(description));
  return fmt::format(
      R"(<svg class="plot" width="{}" height="{}" {} font-family="sans-serif" font-size="11">)",
      width, height, role);
}

constexpr const char* kOpenCurves =
    R"(<svg width="100%" height="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none">)";

std::string curve(const std::string& path, const std::string& stroke, const char* width,
                  const std::string& dash) {
  return fmt::format(
      R"(<path{} d="{}" fill="none" stroke-width="{}"{} vector-effect="non-scaling-stroke"/>)",
      stroke, path, width, dash);
}

// ---- Percentiles -------------------------------------------------------------------------------

constexpr double kFirstX = 7;  // per cent
constexpr int kPlotWidth = 640, kPlotHeight = 340;

struct Share {
  const char* label;
  double tail;
  bool is_wide;  ///< left out on a narrow page
};
constexpr std::array kShares = {Share{"p50", 0.30103, false}, Share{"p75", 0.60206, true},
                                Share{"p90", 1, false},       Share{"p99", 2, false},
                                Share{"p99.9", 3, false},     Share{"p99.99", 4, false}};

/// Where shares and latencies lie in the plot.
struct Percentiles {
  double last_tail = 0;
  double last_x = 0;  ///< names stand to the right
  Axis y;
  [[nodiscard]] double x_at(double tail) const {
    return kFirstX + tail / last_tail * (last_x - kFirstX);
  }
  [[nodiscard]] double y_at(double value) const { return 100 - y.at(value); }
};

std::string percentile_grid(const Percentiles& plot) {
  std::string text;
  for (const Tick& tick : plot.y.ticks()) {
    const std::string y = percent(100 - tick.at);
    text += fmt::format(R"(<line class="gr" y1="{0}" x2="100%" y2="{0}" stroke="#8884"/>)", y);
    text += svg::axis_text(fmt::format(R"(x="2" y="{}" dy="-4")", y),
                           &tick == &plot.y.ticks().back() ? tick.label + " ms" : tick.label);
  }
  for (const Share& share : kShares) {
    if (share.tail > plot.last_tail) break;
    text += fmt::format(R"(<line class="gr" x1="{0}" y1="3%" x2="{0}" y2="97%" stroke="#8884"/>)",
                        percent(plot.x_at(share.tail)));
  }
  return text;
}

std::string percentile_lines(const std::vector<PercentileCurve>& curves, const Percentiles& plot) {
  const double scale = kSide / 100;
  std::string bands, lines;
  for (const PercentileCurve& each : curves) {
    std::vector<std::pair<double, double>> upper, lower, solid, sparse;
    for (const auto& point : each.points) {
      const double x = plot.x_at(point.tail) * scale;
      upper.emplace_back(x, plot.y_at(point.highest) * scale);
      lower.emplace_back(x, plot.y_at(point.lowest) * scale);
      const std::pair middle{x, plot.y_at(point.value) * scale};
      if (!point.is_sparse) {
        solid.push_back(middle);
      } else {
        if (sparse.empty() && !solid.empty()) sparse.push_back(solid.back());
        sparse.push_back(middle);
      }
    }
    upper.insert(upper.end(), lower.rbegin(), lower.rend());
    bands += fmt::format(R"(<path{} d="{}Z" fill-opacity=".16"/>)", each.style.fill(),
                         svg::path_through(upper));
    if (!solid.empty()) {
      lines += curve(svg::path_through(solid), each.style.stroke(), "2", each.style.dash());
    }
    if (!sparse.empty()) {
      lines += curve(svg::path_through(sparse), each.style.stroke(), "1.5",
                     R"( stroke-dasharray="2 3")");
    }
  }
  return kOpenCurves + bands + lines + "</svg>";
}

/// A name at the end of its line.
struct Name {
  const PercentileCurve* curve;
  double x, end_y, y;  ///< per cent; y: moved apart from the others
};

/// Moves names apart, in the order in which the lines end, and back above the lower edge.
void move_apart(std::vector<Name>& names) {
  constexpr double kApart = 100.0 * 15 / kPlotHeight, kTop = 4, kBottom = 98;
  std::ranges::sort(names, {}, &Name::end_y);
  double free_from = kTop;
  for (Name& name : names) {
    name.y = std::max(name.y, free_from);
    free_from = name.y + kApart;
  }
  double free_to = kBottom;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    name->y = std::min(name->y, free_to);
    free_to = name->y - kApart;
  }
}

/// The width that a name needs, in per cent of a narrow page's plot.
double room_for(const PercentileCurve& curve) {
  constexpr double kNarrowest = 310, kPixelsPerCharacter = 7.2, kSquare = 24;
  return (kSquare + kPixelsPerCharacter * static_cast<double>(base::characters_in(curve.label))) /
         kNarrowest * 100;
}

/// To the right of the line's end where it fits, or else at the right edge with a line that leads
/// to it.
std::string name_text(const Name& name) {
  const CellStyle& style = name.curve->style;
  const bool fits = name.x + room_for(*name.curve) <= 100;
  std::string text;
  if (!fits) {
    text = fmt::format(R"(<line{} x1="{}" y1="{}" x2="100%" y2="{}" stroke-opacity=".5"/>)",
                       style.stroke(), percent(name.x), percent(name.end_y), percent(name.y));
  }
  const std::string place = fits ? fmt::format(R"(x="{}" dx="6")", percent(name.x))
                                 : std::string(R"(x="100%" text-anchor="end")");
  text += fmt::format(
      R"(<text class="lb" {} y="{}" dy="4" font-size="12" fill="currentColor"><tspan{}>{}</tspan> {}</text>)",
      place, percent(name.y), style.fill(), style.is_hollow() ? "□" : "■",
      svg::escaped(name.curve->label));
  return text;
}

std::string share_labels(const Percentiles& plot) {
  std::string text = open_plot(kPlotWidth, 20, {});
  for (const Share& share : kShares) {
    if (share.tail > plot.last_tail) break;
    text += fmt::format(
        R"(<text class="tl{}" x="{}" y="70%" text-anchor="middle" fill="currentColor">{}</text>)",
        share.is_wide ? " wd" : "", percent(plot.x_at(share.tail)), share.label);
  }
  return text + "</svg>";
}

}  // namespace

std::string percentile_curves(const std::vector<PercentileCurve>& curves,
                              const PercentileRange& range, const std::string& description) {
  constexpr double kLeastX = 56, kMostX = 80;
  double room = 0;
  for (const auto& each : curves) {
    if (!each.points.empty()) room = std::max(room, room_for(each));
  }
  const Percentiles plot{range.last_tail, std::clamp(100 - room, kLeastX, kMostX),
                         Axis::logarithmic(range.low, range.high, kPlotHeight)};
  std::string text = open_plot(kPlotWidth, kPlotHeight, description) + percentile_grid(plot) +
                     percentile_lines(curves, plot);
  std::vector<Name> names;
  for (const auto& each : curves) {
    if (each.points.empty()) continue;
    const double y = plot.y_at(each.points.back().value);
    names.push_back({&each, plot.x_at(each.points.back().tail), y, y});
  }
  move_apart(names);
  for (const Name& name : names) text += name_text(name);
  return text + "</svg>" + share_labels(plot);
}

// ---- Over time ---------------------------------------------------------------------------------

namespace {

constexpr int kSeriesWidth = 800, kSeriesHeight = 240;
constexpr double kWindowFrom = 24, kWindowTo = 90;  // per cent across
constexpr double kRateTop = 12, kRateBottom = 66, kConnectionsTop = 78, kConnectionsBottom = 96;
constexpr double kStripHeight = 7.6;

/// The phases as a strip above, with what was not measured shaded below.
std::string phase_strip(const TimeSeries& series) {
  const std::array<std::pair<double, double>, 4> places = {
      {{2, 12.5}, {12.8, 23.7}, {kWindowFrom, kWindowTo}, {kWindowTo + 0.3, 100}}};
  std::string text;
  for (std::size_t i = 0; i < std::min(series.phases.size(), places.size()); ++i) {
    const auto& [from, to] = places[i];
    const auto& phase = series.phases[i];
    const bool is_measured = i == 2;
    text += fmt::format(R"(<rect class="ph{}" x="{}" width="{}" height="{}" fill="#8883"/>)",
                        i == 1        ? 1
                        : is_measured ? 2
                                      : 0,
                        percent(from), percent(to - from), percent(kStripHeight));
    const std::string seconds =
        phase.seconds ? fmt::format(" {} s", report::format_number(*phase.seconds)) : "";
    text += fmt::format(
        R"(<text class="tl" x="{}" y="5.6%" text-anchor="middle" fill="currentColor">{}<tspan class="wd">{}</tspan></text>)",
        percent((from + to) / 2), svg::escaped(phase.name), seconds);
    if (is_measured) continue;
    text += fmt::format(R"(<rect class="ph" x="{}" y="{}" width="{}" height="{}" fill="#8881"/>)",
                        percent(from), percent(kStripHeight + 1), percent(to - from),
                        percent(kConnectionsBottom - kStripHeight));
  }
  return text;
}

/// Places of a quantity whose axis begins at 0 near the lower end of its strip.
struct Upright {
  Axis axis;
  double top = 0, bottom = 0;  ///< per cent
  [[nodiscard]] double at(double value) const {
    return bottom - axis.at(value) / 100 * (bottom - top);
  }
};

std::string upright_grid(const Upright& upright, const char* unit) {
  std::string text;
  for (const Tick& tick : upright.axis.ticks()) {
    const std::string y = percent(upright.bottom - tick.at / 100 * (upright.bottom - upright.top));
    const bool is_last = &tick == &upright.axis.ticks().back();
    text += fmt::format(R"(<line class="gr" y1="{0}" x2="100%" y2="{0}" stroke="#8884"/>)", y) +
            svg::axis_text(fmt::format(R"(x="2" y="{}" dy="-3")", y),
                           is_last ? tick.label + " " + unit : tick.label);
  }
  return text;
}

/// A trial's values, each in the middle of its interval.
std::vector<std::pair<double, double>> points_of(const std::vector<double>& values,
                                                 const Upright& upright) {
  std::vector<std::pair<double, double>> points;
  const double step = (kWindowTo - kWindowFrom) / static_cast<double>(values.size());
  double x = kWindowFrom + step / 2;
  for (const double value : values) {
    points.emplace_back(x * kSide / 100, upright.at(value) * kSide / 100);
    x += step;
  }
  return points;
}

/// Samples, which hold until the next one.
std::string steps_of(const TimeSeries& series, const Upright& upright) {
  std::vector<std::pair<double, double>> points;
  const double per_second = (kWindowTo - kWindowFrom) / series.seconds;
  double x = kWindowFrom;
  std::int64_t last = -1;
  for (const std::int64_t value : series.connections) {
    if (x > 100) break;
    const double y = upright.at(static_cast<double>(value)) * kSide / 100;
    if (value != last) {
      if (!points.empty()) points.emplace_back(x * kSide / 100, points.back().second);
      points.emplace_back(x * kSide / 100, y);
    }
    last = value;
    x += series.connections_interval * per_second;
  }
  if (!points.empty()) {
    points.emplace_back(std::min(x, 100.0) * kSide / 100, points.back().second);
  }
  return svg::path_through(points);
}

std::string seconds_labels(const TimeSeries& series) {
  std::string text = open_plot(kSeriesWidth, 20, {});
  const Axis axis = Axis::from_zero(series.seconds, 400);
  for (const Tick& tick : axis.ticks()) {
    const double x = kWindowFrom + tick.value / series.seconds * (kWindowTo - kWindowFrom);
    text += svg::axis_text(fmt::format(R"(x="{}" y="70%" text-anchor="middle")", percent(x)),
                           tick.label + " s");
  }
  return text + "</svg>";
}

}  // namespace

std::string time_series(const TimeSeries& series, const std::string& description) {
  std::int64_t most = 1;
  for (const std::int64_t value : series.connections) most = std::max(most, value);
  const Upright rates{Axis::from_zero(series.highest_rate, 170), kRateTop, kRateBottom};
  const Upright connections{Axis::from_zero(static_cast<double>(most), 34), kConnectionsTop,
                            kConnectionsBottom};
  std::string text = open_plot(kSeriesWidth, kSeriesHeight, description) + phase_strip(series) +
                     upright_grid(rates, "requests/s");
  if (!series.connections.empty()) text += upright_grid(connections, "connections");
  text += kOpenCurves;
  for (const auto& trial : series.rates) {
    text += fmt::format(
        R"(<path{} d="{}" fill="none" stroke-opacity=".35" vector-effect="non-scaling-stroke"/>)",
        series.style.stroke(), svg::path_through(points_of(trial, rates)));
  }
  if (!series.median.empty()) {
    text += curve(svg::path_through(points_of(series.median, rates)), series.style.stroke(), "2.2",
                  series.style.dash());
  }
  if (!series.connections.empty()) {
    text +=
        curve(steps_of(series, connections), R"( class="ink" stroke="currentColor")", "1.5", {});
  }
  return text + "</svg></svg>" + seconds_labels(series);
}

}  // namespace poolbench::page
