#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "page/charts.h"
#include "page/view.h"
#include "report/metric.h"
#include "report/validity.h"
#include "stats/histogram.h"
#include "stats/inference.h"

// The tail of the latency: percentile curves from the trials' histograms, and the table of their
// quantiles.

namespace poolbench::page {
namespace {

using report::CellReport;
using report::Trial;

constexpr double kFirstTail = 0.02, kTailStep = 0.08;  ///< of −log₁₀(1 − q)
/// A curve ends where so many slower answers are left in the shortest trial, and is dotted where
/// fewer than so many are.
constexpr double kFewestBeyond = 10, kManyBeyond = 100;

/// Where the curve of a trial has to end: before the first quantile that it has answers enough for
/// and yet does not tell.
double last_tail_told(const Trial& trial, int schema_minor) {
  const report::Quantiles& latency = trial.measurement->latency_us;
  const std::uint64_t beyond =
      schema_minor < 2 ? report::kAnswersBeyondBefore12 : report::kAnswersBeyond;
  double last = INFINITY, before = 0;
  for (const report::NamedQuantile& quantile : report::named_quantiles()) {
    if (schema_minor < 2 && quantile.member == &report::Quantiles::p95) continue;
    const double tail = std::log10(static_cast<double>(quantile.one_in));
    if (latency.count >= quantile.needs(beyond) && !(latency.*quantile.member)) {
      last = std::min(last, before);
    }
    before = tail;
  }
  return last;
}

/// The histograms of a cell's good trials, and how far their curve may go.
struct Answers {
  std::vector<stats::Histogram> trials;
  double last_tail = INFINITY;
  double fewest = INFINITY;  ///< answers of the shortest trial
};

Answers answers_of(const CellReport& cell) {
  Answers answers;
  for (const Trial& trial : cell.trials) {
    if (!report::counts_for(trial, false) || !trial.measurement) continue;
    const auto& text = trial.measurement->latency_hdr_v2_base64;
    if (text.empty()) continue;
    auto histogram = stats::Histogram::decode(text);
    if (!histogram || histogram->count() == 0) continue;
    answers.last_tail = std::min(answers.last_tail, last_tail_told(trial, cell.schema_minor));
    answers.fewest = std::min(answers.fewest, static_cast<double>(histogram->count()));
    answers.trials.push_back(std::move(*histogram));
  }
  if (!answers.trials.empty()) {
    answers.last_tail =
        std::min(answers.last_tail, std::log10(std::max(answers.fewest / kFewestBeyond, 1.0)));
  }
  return answers;
}

PercentileCurve curve_of(const CellReport& cell, const CellName& name, const CellGroup& group) {
  PercentileCurve curve{name.style, name.label_without({group.axis}), {}};
  const Answers answers = answers_of(cell);
  if (answers.trials.empty()) return curve;
  std::vector<double> tails, quantiles;
  for (double tail = kFirstTail; tail <= answers.last_tail; tail += kTailStep) {
    tails.push_back(tail);
    quantiles.push_back(1 - std::pow(10.0, -tail));
  }
  std::vector<std::vector<std::uint64_t>> values;  // of each trial
  for (const stats::Histogram& trial : answers.trials) {
    values.push_back(trial.values_at_quantiles(quantiles));
  }
  for (std::size_t i = 0; i < tails.size(); ++i) {
    std::vector<double> at_this;
    for (const auto& trial : values) at_this.push_back(static_cast<double>(trial[i]) * kMsPerUs);
    const auto [lowest, highest] = std::ranges::minmax(at_this);
    curve.points.push_back({tails[i], *centre_of(at_this), lowest, highest,
                            answers.fewest * (1 - quantiles[i]) < kManyBeyond});
  }
  return curve;
}

/// The quantile of a cell: as the report sums it up, or over the trials where it does not, as
/// before 1.2.
Figure quantile_figure(const Source& source, std::size_t cell,
                       const report::NamedQuantile& quantile) {
  const std::string metric = fmt::format("latency_{}_us", quantile.name);
  const CellReport& report = source.report.cells[cell];
  Figure figure = summary_figure(source, cell, metric, kMsPerUs, number_text);
  figure.interval.clear();
  if (!figure.text.empty() || summary_of(report, metric) != nullptr) return figure;
  std::vector<double> values;
  for (const Trial& trial : report.trials) {
    if (!report::counts_for(trial, false) || !trial.measurement) continue;
    const auto& value = trial.measurement->latency_us.*quantile.member;
    if (!value) return figure;
    values.push_back(*value * kMsPerUs);
  }
  if (const auto centre = centre_of(values)) figure.text = number_text(*centre);
  return figure;
}

/// Columns of the table: the quantiles that some cell has.
struct Column {
  const report::NamedQuantile* quantile;
  std::vector<Figure> figures;  ///< by cell
};

std::vector<Column> columns_of(const Source& source) {
  std::vector<Column> columns;
  for (const report::NamedQuantile& quantile : report::named_quantiles()) {
    Column column{&quantile, {}};
    bool is_known = false;
    for (std::size_t i = 0; i < source.report.cells.size(); ++i) {
      column.figures.push_back(quantile_figure(source, i, quantile));
      is_known = is_known || !column.figures.back().text.empty();
    }
    if (!is_known) continue;
    std::vector<Figure*> figures;
    for (Figure& figure : column.figures) figures.push_back(&figure);
    align(figures);
    columns.push_back(std::move(column));
  }
  return columns;
}

Views table_of(const Source& source, const std::vector<Column>& columns) {
  Views groups;
  for (const CellGroup& group : source.cells.groups()) {
    Views rows;
    for (const std::size_t i : group.cells) {
      Views figures;
      for (const Column& column : columns) {
        View figure = column.figures[i].view();
        figure.set("quantile", column.quantile->label);
        figures.push_back(figure);
      }
      View row = source.cells.all()[i].view_without({group.axis});
      row.set("figures", View(figures));
      rows.push_back(row);
    }
    View view;
    view.set("title", group.title);
    view.set("has_title", !group.title.empty());
    view.set("span", std::to_string(columns.size() + 1));
    view.set("rows", View(rows));
    groups.push_back(view);
  }
  return groups;
}

}  // namespace

void add_latency(View& page, const Source& source) {
  std::vector<std::vector<PercentileCurve>> panels;
  PercentileRange range;
  for (const CellGroup& group : source.cells.groups()) {
    auto& curves = panels.emplace_back();
    for (const std::size_t i : group.cells) {
      PercentileCurve curve = curve_of(source.report.cells[i], source.cells.all()[i], group);
      for (const auto& point : curve.points) {
        range.low = std::min(range.low, point.lowest);
        range.high = std::max(range.high, point.highest);
        range.last_tail = std::max(range.last_tail, point.tail);
      }
      if (!curve.points.empty()) curves.push_back(std::move(curve));
    }
  }
  Views figures;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    if (panels[i].empty() || !(range.low > 0)) continue;
    const CellGroup& group = source.cells.groups()[i];
    View view;
    view.set("title", group.title);
    view.set("has_title", !group.title.empty());
    view.set("picture", percentile_curves(
                            panels[i], range,
                            fmt::format("Percentiles of the latency, a curve for each variant{}; "
                                        "the table of latencies has the figures.",
                                        group.title.empty() ? "" : ", " + group.title)));
    figures.push_back(view);
  }
  const std::vector<Column> columns = columns_of(source);
  Views heads;
  for (const Column& column : columns) heads.push_back(View("label", column.quantile->label));
  page.set("has_latency", !columns.empty());
  page.set("has_curves", !figures.empty());
  page.set("is_panels", figures.size() > 1);
  page.set("curves", View(figures));
  page.set("quantiles", View(heads));
  page.set("latencies", View(table_of(source, columns)));
}

}  // namespace poolbench::page
