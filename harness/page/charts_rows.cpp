#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "page/charts.h"
#include "page/svg.h"

namespace poolbench::page {
namespace {

using svg::percent;

constexpr const char* kDiamond = "M0-5.5 5.5 0 0 5.5-5.5 0Z";

/// `width` and `height` hold where there is no style sheet; with one the picture fills its cell.
std::string open_picture(int width, int height) {
  return fmt::format(
      R"(<svg class="fill" width="{}" height="{}" aria-hidden="true" overflow="visible" font-family="sans-serif" font-size="11">)",
      width, height);
}

std::string grid(const Axis& axis, double without = NAN) {
  std::string lines;
  for (const Tick& tick : axis.ticks()) {
    if (tick.at == without) continue;
    lines += fmt::format(R"(<line x1="{0}" x2="{0}" y2="100%"/>)", percent(tick.at));
  }
  return R"(<g class="gr" stroke="#8884">)" + lines + "</g>";
}

/// The axis below a row that stands alone: on a narrow page, or without a style sheet.
std::string own_axis(const Axis& axis) {
  std::string labels;
  for (const Tick& tick : axis.ticks()) {
    labels += fmt::format(R"(<text x="{}" y="100%" dy="12">{}</text>)", percent(tick.at),
                          svg::escaped(tick.label));
  }
  return R"(<g class="tl nx" text-anchor="middle" fill="currentColor">)" + labels + "</g>";
}

/// A line with caps, about `middle` per cent from the top.
std::string interval_line(const Axis& axis, const Interval& interval, const std::string& stroke,
                          double middle) {
  constexpr double kCap = 8;
  const std::string low = percent(axis.at(interval.low)), high = percent(axis.at(interval.high));
  const std::string line = percent(middle);
  const std::string top = percent(middle - kCap), bottom = percent(middle + kCap);
  return fmt::format(
      R"(<g{0} stroke-width="1.8"><line x1="{1}" x2="{2}" y1="{3}" y2="{3}"/>)"
      R"(<line x1="{1}" x2="{1}" y1="{4}" y2="{5}"/><line x1="{2}" x2="{2}" y1="{4}" y2="{5}"/></g>)",
      stroke, low, high, line, top, bottom);
}

std::string diamond(double at, const std::string& title) {
  return fmt::format(
      R"(<svg x="{}" y="50%" width="1" height="1" overflow="visible"><path class="dia" d="{}" fill="none" stroke="currentColor" stroke-width="1.4">{}</path></svg>)",
      percent(at), kDiamond, svg::title(title));
}

/// An estimate in ink: hollow while it is not decided.
std::string ink_dot(double at, double middle, bool is_decided) {
  return is_decided
             ? fmt::format(R"(<circle class="inkf" cx="{}" cy="{}" r="3.4" fill="currentColor"/>)",
                           percent(at), percent(middle))
             : fmt::format(
                   R"(<circle class="inko" cx="{}" cy="{}" r="3.6" fill="#fff" stroke="currentColor" stroke-width="1.8"/>)",
                   percent(at), percent(middle));
}

constexpr const char* kInk = R"( class="ink" stroke="currentColor")";

std::string trial_dots(const Axis& axis, const TrialsRow& row) {
  constexpr double kTop = 17, kBottom = 83;
  const double step =
      row.trials.size() > 1 ? (kBottom - kTop) / static_cast<double>(row.trials.size() - 1) : 0;
  std::string counted, others;
  double y = row.trials.size() > 1 ? kTop : (kTop + kBottom) / 2;
  for (const TrialDot& trial : row.trials) {
    const std::string text = svg::title(trial.title);
    const char* const end = text.empty() ? "/>" : "</circle>";
    (trial.counts ? counted : others) +=
        fmt::format(R"(<circle cx="{}" cy="{}" r="2.6"{}{}{})", percent(axis.at(trial.value)),
                    percent(y), text.empty() ? "" : ">", text, end);
    y += step;
  }
  std::string dots;
  if (!counted.empty()) {
    dots += fmt::format(R"(<g{} fill-opacity=".38">{}</g>)", row.style.fill(), counted);
  }
  if (!others.empty()) {
    dots += fmt::format(R"(<g class="out" fill="none" stroke="#888">{}</g>)", others);
  }
  return dots;
}

}  // namespace

std::string axis_head(const Axis& axis, int width) {
  std::string text = fmt::format(
      R"(<svg class="axh" width="{}" height="24" aria-hidden="true" overflow="visible" font-family="sans-serif" font-size="11">)",
      width);
  for (const Tick& tick : axis.ticks()) {
    const std::string at = percent(tick.at);
    text += fmt::format(R"(<line class="ax" x1="{0}" y1="72%" x2="{0}" y2="100%" stroke="#888"/>)",
                        at) +
            svg::axis_text(fmt::format(R"(x="{}" y="58%" text-anchor="middle")", at), tick.label);
  }
  return text + "</svg>";
}

std::string trials_row(const Axis& axis, const TrialsRow& row) {
  std::string text = open_picture(kTrialsWidth, 48) + grid(axis) + trial_dots(axis, row);
  if (row.interval) text += interval_line(axis, *row.interval, row.style.stroke(), 50);
  if (row.estimate) {
    text +=
        row.style.is_hollow()
            ? fmt::format(R"(<circle{} cx="{}" cy="50%" r="3.4" fill="none" stroke-width="1.8"/>)",
                          row.style.stroke(), percent(axis.at(*row.estimate)))
            : fmt::format(R"(<circle{} cx="{}" cy="50%" r="3.4"/>)", row.style.fill(),
                          percent(axis.at(*row.estimate)));
  }
  if (row.published) text += diamond(axis.at(*row.published), row.published_title);
  return text + own_axis(axis) + "</svg>";
}

std::string stacked_bar(const Axis& axis, const std::vector<Segment>& segments) {
  constexpr double kRoomForLabel = 20;  // per cent
  std::string text = open_picture(kBarWidth, 48) + grid(axis);
  double from = 0;
  for (const Segment& segment : segments) {
    const double x = axis.at(from), width = axis.at(from + segment.value) - x;
    from += segment.value;
    if (width <= 0) continue;
    text += fmt::format(R"(<rect class="{}" x="{}" y="34%" width="{}" height="32%" {}>{}</rect>)",
                        segment.kind, percent(x), percent(std::max(width, 0.1)),
                        std::string_view(segment.kind) == "k-gen"   ? R"(fill="none" stroke="#888")"
                        : std::string_view(segment.kind) == "k-con" ? R"(fill="#5c6670")"
                                                                    : R"(fill="#9aa5b1")",
                        svg::title(segment.title));
    if (segment.label.empty() || width < kRoomForLabel) continue;
    text += fmt::format(
        R"(<text class="in-{}" x="{}" y="50%" dy="4" text-anchor="middle" fill="#fff">{}</text>)",
        segment.kind, percent(x + width / 2), svg::escaped(segment.label));
  }
  return text + own_axis(axis) + "</svg>";
}

namespace {

std::string margin_band(const Axis& axis, double margin) {
  const double low = axis.at(1 / (1 + margin)), high = axis.at(1 + margin);
  return fmt::format(R"(<rect class="band" x="{}" width="{}" height="100%" fill="#8884">{}</rect>)",
                     percent(low), percent(high - low),
                     svg::title(fmt::format("margin ±{:.3g} %", 100 * margin)));
}

std::string line_at_one(const Axis& axis) {
  return fmt::format(R"(<line class="one" x1="{0}" x2="{0}" y2="100%" stroke="#888"/>)",
                     percent(axis.at(1)));
}

}  // namespace

std::string ratio_row(const Axis& axis, const RatioRow& row) {
  std::string text = open_picture(kRatioWidth, 52) + margin_band(axis, row.margin) +
                     grid(axis, axis.at(1)) + line_at_one(axis);
  if (row.interval) text += interval_line(axis, *row.interval, kInk, 50);
  if (row.ratio) text += ink_dot(axis.at(*row.ratio), 50, row.is_decided);
  if (row.published) {
    text += diamond(axis.at(*row.published), "published ×" + number_text(*row.published));
  }
  return text + own_axis(axis) + "</svg>";
}

std::string ratio_row_close(const Axis& axis, const RatioRow& row) {
  constexpr double kLeft = 3, kRight = 97;
  std::string text = open_picture(kCloseWidth, 52) + margin_band(axis, row.margin) +
                     grid(axis, axis.at(1)) + line_at_one(axis);
  if (!row.ratio) return text + "</svg>";
  const Interval whole = row.interval.value_or(Interval{*row.ratio, *row.ratio});
  const double low = axis.at(whole.low), high = axis.at(whole.high), at = axis.at(*row.ratio);
  const auto arrow = [](double x, const char* sign) {
    return svg::axis_text(fmt::format(R"(x="{}" y="50%" dy="4" text-anchor="middle")", percent(x)),
                          sign);
  };
  if (high < kLeft || low > kRight) {
    return text + (high < kLeft ? arrow(kLeft, "←") : arrow(kRight, "→")) + "</svg>";
  }
  const double first = std::max(low, kLeft), last = std::min(high, kRight);
  text += fmt::format(R"(<g{} stroke-width="1.8"><line x1="{}" x2="{}" y1="50%" y2="50%"/>)", kInk,
                      percent(first), percent(last));
  for (const double end : {low, high}) {
    if (end < kLeft || end > kRight) continue;
    text += fmt::format(R"(<line x1="{0}" x2="{0}" y1="42%" y2="58%"/>)", percent(end));
  }
  text += "</g>";
  if (low < kLeft) text += arrow(kLeft, "←");
  if (high > kRight) text += arrow(kRight, "→");
  if (at >= kLeft && at <= kRight) text += ink_dot(at, 50, row.is_decided);
  return text + "</svg>";
}

std::string claim_row(const Axis& axis, const ClaimRow& row) {
  constexpr double kMiddle = 34;
  const double from = row.at_least ? axis.at(*row.at_least) : 0;
  const double to = row.at_most ? axis.at(*row.at_most) : 100;
  std::string text = open_picture(240, 46);
  text += fmt::format(
      R"(<rect class="band" x="{}" y="12%" width="{}" height="44%" fill="#8884"><title>claimed</title></rect>)"
      R"(<line class="ax" y1="56%" x2="100%" y2="56%" stroke="#888"/>)",
      percent(from), percent(std::max(to - from, 0.3)));
  std::string marks;
  for (const Tick& tick : axis.ticks()) {
    text += fmt::format(R"(<line class="ax" x1="{0}" y1="50%" x2="{0}" y2="60%" stroke="#888"/>)",
                        percent(tick.at));
    marks += svg::axis_text(fmt::format(R"(x="{}" y="92%" text-anchor="middle")", percent(tick.at)),
                            tick.label);
  }
  text += marks;
  if (row.interval) text += interval_line(axis, *row.interval, kInk, kMiddle);
  if (row.estimate) text += ink_dot(axis.at(*row.estimate), kMiddle, row.is_decided);
  return text + "</svg>";
}

}  // namespace poolbench::page
