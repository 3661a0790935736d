#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compare/format/render.h"
#include "report/format/paint.h"
#include "report/metric.h"

namespace poolbench::compare {
namespace {

using base::Json;
using report::Colour;
using report::printable;
using report::Table;

constexpr std::size_t kMostBars = 24;

/// One bar a run, the lowest of the shown runs lowest; the newest on the right.
std::string bars(const std::vector<HistoryLine>& runs) {
  static constexpr std::array kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t from = runs.size() - std::min(runs.size(), kMostBars);
  double least = runs[from].log_value, most = least;
  for (std::size_t i = from; i < runs.size(); ++i) {
    least = std::min(least, runs[i].log_value);
    most = std::max(most, runs[i].log_value);
  }
  std::string text;
  for (std::size_t i = from; i < runs.size(); ++i) {
    const double height = (runs[i].log_value - least) / (most - least);
    const double shown = std::isfinite(height) ? height : 0.5;  // all equal, or beyond all bounds
    text += kBars.at(static_cast<std::size_t>(std::lround(shown * (kBars.size() - 1))));
  }
  return text;
}

std::string signed_percent(double ratio) { return fmt::format("{:+.1f} %", 100 * (ratio - 1)); }

/// The last run's level relative to the mean of all.
double last_to_mean(const std::vector<HistoryLine>& runs) {
  double sum = 0;
  for (const HistoryLine& run : runs) sum += run.log_value;
  return std::exp(runs.back().log_value - sum / static_cast<double>(runs.size()));
}

std::string value_text(const Trend& trend) {
  const auto metric = report::find_metric(trend.metric, {});
  const double value = trend.runs.back().value;
  return metric ? report::format_value(*metric, value) : report::format_number(value);
}

std::string label_of(const Trend& trend) {
  const auto metric = report::find_metric(trend.metric, {});
  const std::string& unit = trend.runs.back().unit;
  return metric ? metric->label : printable(trend.metric + (unit.empty() ? "" : " " + unit));
}

Table::Row row_of(const Trend& trend) {
  return {
      {printable(trend.scenario)},
      {printable(trend.cell)},
      {label_of(trend)},
      {fmt::format("{}", trend.runs.size())},
      {value_text(trend)},
      {signed_percent(last_to_mean(trend.runs))},
      {bars(trend.runs)},
      {trend.elsewhere == 0 ? "" : fmt::format("{} more under other conditions", trend.elsewhere),
       Colour::kDim}};
}

Colour state_colour(const std::string& state) {
  if (state == "confirmed") return Colour::kRed;
  return state == "candidate" ? Colour::kYellow : Colour::kPlain;
}

Json to_json(const Trend& trend) {
  Json json = {{"scenario", trend.scenario},
               {"cell", trend.cell},
               {"metric", trend.metric},
               {"anchor", trend.anchor.empty() ? Json(nullptr) : Json(trend.anchor)},
               {"under_other_conditions", trend.elsewhere},
               {"sessions", Json::array()},
               {"changes", Json::array()}};
  for (const HistoryLine& run : trend.runs) {
    json["sessions"].push_back({{"report_id", run.report_id},
                                {"started_at", run.started_at},
                                {"n", run.n},
                                {"value", run.value},
                                {"log_value", run.log_value},
                                {"standard_error", base::or_null(run.standard_error)}});
  }
  for (const Change& change : trend.changes) {
    json["changes"].push_back({{"report_id", change.report_id},
                               {"started_at", change.started_at},
                               {"ratio", change.ratio},
                               {"state", change.state}});
  }
  return json;
}

}  // namespace

std::string to_text(const std::vector<Trend>& trends, const report::TextStyle& style) {
  if (trends.empty()) return "no run with a good cell\n";
  using enum Table::Align;
  Table table({kLeft, kLeft, kLeft, kRight, kRight, kRight, kLeft, kLeft});
  const auto dim = [](const char* text) { return Table::Cell{text, Colour::kDim}; };
  table.add({dim("scenario"), dim("cell"), dim("metric"), dim("runs"), dim("last"), dim("to mean"),
             dim("trend")});
  Table changes({kLeft, kLeft, kLeft, kRight, kLeft, kLeft});
  bool relative = false, any = false;
  for (const Trend& trend : trends) {
    table.add(row_of(trend));
    relative = relative || !trend.anchor.empty();
    for (const Change& change : trend.changes) {
      any = true;
      changes.add({{printable(change.started_at)},
                   {printable(trend.cell)},
                   {label_of(trend)},
                   {signed_percent(change.ratio)},
                   {change.state, state_colour(change.state)},
                   {"since " + printable(change.report_id), Colour::kDim}});
    }
  }
  std::string text = table.to_text(style.colour);
  if (relative) {
    text +=
        "\nTrends and changes are of the value relative to the scenario's baseline in the same "
        "run; the\nbaseline's own are plain.\n";
  }
  text += any ? "\nChanges of level (E-divisive, p ≤ .001, at least 2 %)\n" +
                    changes.to_text(style.colour, 2)
              : "\nno change of level\n";
  return text;
}

Json to_json(const std::vector<Trend>& trends) {
  Json json = Json::array();
  for (const Trend& trend : trends) json.push_back(to_json(trend));
  return {{"trends", std::move(json)}};
}

}  // namespace poolbench::compare
