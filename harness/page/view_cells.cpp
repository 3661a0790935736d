#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "page/charts.h"
#include "page/view.h"
#include "report/format/cell_texts.h"
#include "report/format/text.h"
#include "report/metric.h"
#include "report/summary.h"

namespace poolbench::page {
namespace {

using report::CellReport;
using report::CellStatus;
using report::Summary;

constexpr int kRatePixels = 230, kCpuPixels = 110;

struct CpuPart {
  const char *metric, *name, *title, *kind;
};
constexpr std::array kCpu = {
    CpuPart{"target_cpu_us_per_request", "app", "application", "k-app"},
    CpuPart{"postgres_cpu_us_per_request", "postgres", "PostgreSQL", "k-con"},
    CpuPart{"generator_cpu_us_per_request", "generator", "generator", "k-gen"}};

/// The numbers of a cell's row.
struct Row {
  Figure rate, p50, p99, sessions, peak;
  std::array<Figure, kCpu.size()> cpu;
};

/// p99; or where not every trial has one, that of all answers together with a star; or, where that
/// holds too much of the generator's own waiting, what it is at most.
Figure tail_figure(const Source& source, std::size_t cell) {
  const CellReport& report = source.report.cells[cell];
  Figure figure = summary_figure(source, cell, report::kTail, kMsPerUs, number_text);
  const auto* const summary = summary_of(report, report::kTail);
  if (!figure.text.empty() || summary == nullptr) return figure;
  if (summary->pooled) {
    figure.text = number_text(*summary->pooled * kMsPerUs);
    figure.after = "*";
    figure.value = *summary->pooled;
    figure.pointer = fmt::format("/cells/{}/summary/{}/pooled", cell, report::kTail);
    return figure;
  }
  const auto& tail = *report::quantile_of(report::built_in_metric(report::kTail));
  const auto pooled = report::pooled_instead(report, tail, report::pooled_quantiles(report));
  if (!pooled.at_most_us) return figure;
  figure.text = number_text(*pooled.at_most_us * kMsPerUs);
  figure.before = "≤";
  return figure;
}

Figure peak_figure(const CellReport& report, std::size_t cell) {
  const auto peak = report::peak_of(report);
  if (!peak) return unknown(why_unknown(report, "peak_connections"));
  Figure figure;
  figure.text = group_thousands(std::to_string(peak->connections));
  figure.before = peak->sampled ? "≥" : "";
  figure.value = static_cast<double>(peak->connections);
  figure.pointer = fmt::format("/cells/{}/trials/{}/database/peak_connections", cell, peak->trial);
  return figure;
}

Row row_of(const Source& source, std::size_t cell) {
  const CellReport& report = source.report.cells[cell];
  Row row{summary_figure(source, cell, kRate, 1, number_text),
          summary_figure(source, cell, "latency_p50_us", kMsPerUs, number_text),
          tail_figure(source, cell),
          summary_figure(source, cell, "sessions_per_request", 1, number_text),
          peak_figure(report, cell),
          {}};
  row.sessions.interval.clear();
  for (std::size_t i = 0; i < kCpu.size(); ++i) {
    row.cpu[i] = summary_figure(source, cell, kCpu[i].metric, kMsPerUs, cpu_text);
    row.cpu[i].interval.clear();
  }
  if (report.status != CellStatus::kFailed) return row;
  // What was served beside errors is no rate of this cell.
  for (Figure* figure : {&row.rate, &row.p50, &row.p99}) *figure = unknown("the cell failed");
  return row;
}

/// Published figures of the rate, by cell id.
std::optional<double> published_rate(const Source& source, const std::string& cell) {
  for (const report::Reference& reference : source.report.scenario.references) {
    const auto found = reference.values.find(cell);
    if (reference.metric == kRate && found != reference.values.end()) return found->second;
  }
  return std::nullopt;
}

TrialsRow trials_of(const Source& source, std::size_t index) {
  const CellReport& cell = source.report.cells[index];
  TrialsRow row;
  row.style = source.cells.all()[index].style;
  std::vector<const report::Trial*> trials;
  for (const report::Trial& trial : cell.trials) trials.push_back(&trial);
  std::ranges::sort(trials, {}, [](const report::Trial* trial) {
    return std::pair(trial->block, trial->attempt);
  });
  for (const report::Trial* trial : trials) {
    const auto rate = report::metric_of(*trial, report::built_in_metric(kRate));
    if (!rate || *rate <= 0) continue;
    const bool counts =
        report::counted_metric_of(*trial, report::built_in_metric(kRate)).has_value();
    row.trials.push_back(
        {*rate, counts,
         fmt::format("block {}: {}{}", trial->block, number_text(*rate),
                     counts ? "" : fmt::format(", {}: does not count", word_of(trial->status)))});
  }
  const Summary* const summary = summary_of(cell, kRate);
  const bool shown = cell.status != CellStatus::kFailed && summary != nullptr && summary->median;
  if (shown && *summary->median > 0) {
    row.estimate = summary->median;
    if (summary->ci_low && summary->ci_high && *summary->ci_low > 0) {
      row.interval = Interval{*summary->ci_low, *summary->ci_high};
    }
  }
  row.published = published_rate(source, cell.id);
  if (row.published && *row.published <= 0) row.published.reset();
  if (row.published) {
    row.published_title =
        fmt::format("published: {} requests/s, on another machine", number_text(*row.published));
  }
  return row;
}

std::optional<Axis> rate_axis(const std::vector<TrialsRow>& rows) {
  std::vector<double> values;
  for (const TrialsRow& row : rows) {
    for (const TrialDot& trial : row.trials) values.push_back(trial.value);
    if (row.published) values.push_back(*row.published);
  }
  if (values.empty()) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(values);
  return Axis::logarithmic(low, high, kRatePixels);
}

std::vector<Segment> cpu_segments(const Row& row) {
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < kCpu.size(); ++i) {
    const Figure& figure = row.cpu[i];
    if (figure.text.empty()) continue;
    segments.push_back({kCpu[i].kind,
                        figure.value * kMsPerUs,
                        fmt::format("{} {} ms", kCpu[i].title, figure.text),
                        {}});
  }
  return segments;
}

Axis cpu_axis(const std::vector<Row>& rows) {
  double most = 0;
  for (const Row& row : rows) {
    double sum = 0;
    for (const Segment& segment : cpu_segments(row)) sum += segment.value;
    most = std::max(most, sum);
  }
  return Axis::from_zero(most, kCpuPixels);
}

void align_columns(std::vector<Row>& rows) {
  const auto column = [&](auto of) {
    std::vector<Figure*> figures;
    for (Row& row : rows) figures.push_back(of(row));
    align(figures);
  };
  column([](Row& row) { return &row.rate; });
  column([](Row& row) { return &row.p50; });
  column([](Row& row) { return &row.p99; });
  column([](Row& row) { return &row.sessions; });
  column([](Row& row) { return &row.peak; });
}

View row_view(const Source& source, const CellGroup& group, std::size_t index, const Row& row) {
  const CellReport& cell = source.report.cells[index];
  View view = source.cells.all()[index].view_without({group.axis});
  view.set("rate", row.rate.view());
  view.set("p50", row.p50.view());
  view.set("p99", row.p99.view());
  view.set("sessions", row.sessions.view());
  view.set("peak", row.peak.view());
  for (std::size_t i = 0; i < kCpu.size(); ++i) view.set(kCpu[i].name, row.cpu[i].view());
  view.set("is_failed", cell.status == CellStatus::kFailed);
  const std::string errors = report::errors_text(cell);
  view.set("errors", errors);
  view.set("has_errors", !errors.empty());
  view.set("has_second_line", !errors.empty() || !source.cells.all()[index].detail.empty());
  view.set("factors", [&] {
    std::string factors;
    for (const auto& [axis, value] : source.cells.all()[index].factors) {
      factors += (factors.empty() ? "" : "|") + axis + "=" + value;
    }
    return factors;
  }());
  return view;
}

/// "no-pool 195, pool 1 054": what was published of the rate.
std::string published_text(const Source& source) {
  std::string text;
  for (const CellName& name : source.cells.all()) {
    const auto rate = published_rate(source, source.report.cells[name.index].id);
    if (rate)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name.label, number_text(*rate));
  }
  return text;
}

}  // namespace

void add_cells(View& page, const Source& source) {
  std::vector<Row> rows;
  std::vector<TrialsRow> trials;
  for (std::size_t i = 0; i < source.report.cells.size(); ++i) {
    rows.push_back(row_of(source, i));
    trials.push_back(trials_of(source, i));
  }
  align_columns(rows);
  const auto rates = rate_axis(trials);
  const Axis cpu = cpu_axis(rows);
  Views groups;
  for (const CellGroup& group : source.cells.groups()) {
    Views views;
    for (const std::size_t index : group.cells) {
      View row = row_view(source, group, index, rows[index]);
      row.set("trials_picture", rates ? trials_row(*rates, trials[index]) : std::string());
      row.set("cpu_picture", stacked_bar(cpu, cpu_segments(rows[index]), kBarWidth));
      views.push_back(row);
    }
    View view;
    view.set("title", group.title);
    view.set("has_title", !group.title.empty());
    view.set("rows", View(views));
    groups.push_back(view);
  }
  page.set("groups", View(groups));
  page.set("rate_axis", rates ? axis_head(*rates, kTrialsWidth) : std::string());
  page.set("cpu_axis", axis_head(cpu, kBarWidth));
  const std::string published = published_text(source);
  page.set("published", published);
  page.set("has_published", !published.empty());
  page.set("has_uncounted", std::ranges::any_of(trials, [](const TrialsRow& row) {
             return !std::ranges::all_of(row.trials, &TrialDot::counts);
           }));
  page.set("has_pooled", std::ranges::any_of(
                             rows, [](const Row& row) { return row.p99.after.starts_with('*'); }));
  page.set("is_sampled",
           std::ranges::any_of(rows, [](const Row& row) { return !row.peak.before.empty(); }));
}

void add_endpoints(View& page, const Source& source) {
  Views rows;
  for (std::size_t index = 0; index < source.report.cells.size(); ++index) {
    const CellReport& cell = source.report.cells[index];
    bool is_first = true;
    for (const std::string& endpoint : report::endpoints_in(cell)) {
      const auto figure = [&](const char* metric, double factor) {
        return summary_figure(source, index, fmt::format("endpoint.{}.{}", endpoint, metric),
                              factor, number_text)
            .view();
      };
      View row = source.cells.all()[index].view();
      row.set("is_first", is_first);
      row.set("endpoint", base::printable(endpoint));
      row.set("rate", figure(kRate, 1));
      row.set("p50", figure("latency_p50_us", kMsPerUs));
      row.set("p99", figure(report::kTail, kMsPerUs));
      row.set("errors", figure("error_ratio", 1));
      rows.push_back(row);
      is_first = false;
    }
  }
  page.set("has_endpoints", !rows.empty());
  page.set("endpoints", View(rows));
}

}  // namespace poolbench::page
