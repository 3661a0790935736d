#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "page/charts.h"
#include "page/view.h"
#include "report/json_place.h"
#include "report/metric.h"
#include "report/summary.h"
#include "report/validity.h"

// Where a request's time goes, and how the cells did over time.

namespace poolbench::page {
namespace {

using report::CellReport;
using report::Trial;

/// What the trials of a cell tell of a request's time, in ms: estimates over trials.
struct RequestTime {
  std::optional<double> response, processor, waiting, target, postgres;
  std::string reason;  ///< why there is no waiting time
};

RequestTime time_of(const CellReport& cell) {
  std::vector<double> response, processor, waiting, target, postgres;
  RequestTime time;
  for (const Trial& trial : cell.trials) {
    if (!report::counts_for(trial, false) || !trial.measurement) continue;
    const auto mean = trial.measurement->latency_us.mean;
    if (mean) response.push_back(*mean * kMsPerUs);
    const auto of_target =
        report::metric_of(trial, report::built_in_metric("target_cpu_us_per_request"));
    const auto of_postgres =
        report::metric_of(trial, report::built_in_metric("postgres_cpu_us_per_request"));
    if (of_target) target.push_back(*of_target * kMsPerUs);
    if (of_postgres) postgres.push_back(*of_postgres * kMsPerUs);
    if (!of_target || !of_postgres) continue;
    processor.push_back((*of_target + *of_postgres) * kMsPerUs);
    if (mean) waiting.push_back((*mean - *of_target - *of_postgres) * kMsPerUs);
  }
  time.response = centre_of(response);
  time.target = centre_of(target);
  time.postgres = centre_of(postgres);
  time.processor = centre_of(processor);
  time.waiting = centre_of(waiting);
  if (!time.response) {
    time.reason = why_unknown(cell, "latency_p50_us");
  } else if (!time.target) {
    time.reason = why_unknown(cell, "target_cpu_us_per_request");
  } else if (!time.waiting) {
    time.reason = why_unknown(cell, "postgres_cpu_us_per_request");
  } else if (*time.waiting < 0) {
    time.waiting.reset();
    time.reason = "more processor time than a request takes: some of its work runs beside it";
  }
  return time;
}

Figure derived(const std::optional<double>& value, std::string (*text)(double),
               const std::string& reason) {
  if (!value) return unknown(reason);
  Figure figure;
  figure.text = text(*value);
  return figure;
}

std::vector<Segment> segments_of(const RequestTime& time) {
  std::vector<Segment> segments;
  const auto add = [&](const char* kind, const std::optional<double>& value, const char* name) {
    if (!value) return;
    segments.push_back(
        {kind, *value, fmt::format("{} {} ms", name, cpu_text(*value)), fmt::format("{}", name)});
  };
  add("k-con", time.postgres, "PostgreSQL");
  add("k-app", time.target, "application");
  return segments;
}

}  // namespace

void add_time(View& page, const Source& source) {
  constexpr int kPixels = 360;
  std::vector<RequestTime> times;
  double most = 0;
  bool is_known = false;
  for (const CellReport& cell : source.report.cells) {
    const RequestTime& time = times.emplace_back(time_of(cell));
    most = std::max(most, time.processor.value_or(0));
    is_known = is_known || time.processor;
  }
  page.set("has_time", is_known);
  if (!is_known) return;
  const Axis axis = Axis::from_zero(most, kPixels);
  std::vector<Figure> response, waiting, processor;
  for (const RequestTime& time : times) {
    response.push_back(derived(time.response, number_text, time.reason));
    waiting.push_back(derived(time.waiting, number_text, time.reason));
    processor.push_back(derived(time.processor, cpu_text, time.reason));
  }
  for (auto* column : {&response, &waiting}) {
    std::vector<Figure*> figures;
    for (Figure& figure : *column) figures.push_back(&figure);
    align(figures);
  }
  Views rows;
  for (const CellGroup& group : source.cells.groups()) {
    for (const std::size_t i : group.cells) {
      View row = source.cells.all()[i].view();
      row.set("response", response[i].view());
      row.set("waiting", waiting[i].view());
      row.set("processor", processor[i].view());
      const bool has_share = times[i].waiting && times[i].response;
      row.set("share",
              derived(
                  has_share ? std::optional(100 * *times[i].waiting / *times[i].response)
                            : std::nullopt,
                  [](double share) { return fmt::format("{:.0f}", share); }, times[i].reason)
                  .view());
      row.set("picture", stacked_bar(axis, segments_of(times[i])));
      rows.push_back(row);
    }
  }
  page.set("times", View(rows));
  page.set("time_axis", axis_head(axis, kBarWidth));
}

// ---- Over time ---------------------------------------------------------------------------------

namespace {

/// So many points a line, however long the window: fewer where there are many trials.
std::size_t most_points(std::size_t trials) {
  constexpr std::size_t kPointsOfAll = 480, kLeast = 30, kMost = 120;
  return std::clamp(kPointsOfAll / std::max<std::size_t>(trials, 1), kLeast, kMost);
}

/// Rates in intervals of a trial, several of the report's intervals in one where they are many.
std::vector<double> rates_of(const report::Measurement& measurement, std::size_t most) {
  constexpr double kMsPerSecond = 1000;
  const auto& requests = measurement.series_requests;
  const std::size_t together = (requests.size() + most - 1) / std::max<std::size_t>(most, 1);
  std::vector<double> rates;
  for (std::size_t begin = 0; begin + together <= requests.size(); begin += together) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + together; ++i) sum += static_cast<double>(requests[i]);
    rates.push_back(sum * kMsPerSecond /
                    (static_cast<double>(together) * measurement.series_interval_ms));
  }
  return rates;
}

std::vector<double> median_of(const std::vector<std::vector<double>>& trials) {
  std::size_t length = trials.empty() ? 0 : trials.front().size();
  for (const auto& trial : trials) length = std::min(length, trial.size());
  std::vector<double> median;
  for (std::size_t i = 0; i < length; ++i) {
    std::vector<double> values;
    for (const auto& trial : trials) values.push_back(trial[i]);
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    median.push_back(*middle);
  }
  return median;
}

/// Median over trials of the time that these phases took together.
std::optional<double> seconds_in(const std::vector<const Trial*>& trials,
                                 std::initializer_list<std::string_view> names) {
  std::vector<double> all;
  for (const Trial* trial : trials) {
    double sum = 0;
    bool is_there = false;
    for (const report::Phase& phase : trial->phases) {
      if (std::ranges::find(names, phase.name) == names.end()) continue;
      sum += phase.seconds;
      is_there = true;
    }
    if (is_there) all.push_back(sum);
  }
  return centre_of(all);
}

/// The largest number of connections of all trials at each sample.
std::vector<std::int64_t> connections_of(const std::vector<const Trial*>& trials) {
  std::vector<std::int64_t> most;
  for (const Trial* trial : trials) {
    const auto& series = trial->database.connections_series;
    if (series.size() > most.size()) most.resize(series.size());
    for (std::size_t i = 0; i < series.size(); ++i) most[i] = std::max(most[i], series[i]);
  }
  return most;
}

TimeSeries series_of(const CellReport& cell, const CellStyle& style) {
  constexpr double kSecondsPerMs = 0.001;
  std::vector<const Trial*> trials;
  for (const Trial& trial : cell.trials) {
    if (report::counts_for(trial, false) && trial.measurement &&
        !trial.measurement->series_requests.empty()) {
      trials.push_back(&trial);
    }
  }
  TimeSeries series;
  series.style = style;
  std::vector<double> seconds;
  for (const Trial* trial : trials) {
    series.rates.push_back(rates_of(*trial->measurement, most_points(trials.size())));
    seconds.push_back(static_cast<double>(trial->measurement->series_requests.size()) *
                      trial->measurement->series_interval_ms * kSecondsPerMs);
    series.connections_interval = trial->database.connections_interval_ms * kSecondsPerMs;
  }
  std::erase_if(series.rates, [](const auto& rates) { return rates.empty(); });
  series.seconds = centre_of(seconds).value_or(0);
  series.median = median_of(series.rates);
  for (const auto& rates : series.rates) {
    for (const double rate : rates) series.highest_rate = std::max(series.highest_rate, rate);
  }
  series.phases = {{"start", seconds_in(trials, {"start", "verify", "generator"})},
                   {"warm-up", seconds_in(trials, {"warm-up"})},
                   {"measure", series.seconds},
                   {"stop", seconds_in(trials, {"drain", "stop"})}};
  series.connections = connections_of(trials);
  return series;
}

std::string description_of(const TimeSeries& series, const std::string& label) {
  return fmt::format(
      "Rate of {} over the measured {} s in {} trials and their median, and connections to "
      "PostgreSQL; the row of {} in the table of variants has the figures.",
      label, report::format_number(series.seconds), series.rates.size(), label);
}

}  // namespace

void add_series(View& page, const Source& source) {
  const auto& cells = source.report.cells;
  const std::string open_cell = source.report.comparisons.empty()
                                    ? (cells.empty() ? std::string() : cells.front().id)
                                    : source.report.comparisons.front().candidate;
  Views views;
  int interval_ms = 0;
  for (const CellGroup& group : source.cells.groups()) {
    for (const std::size_t i : group.cells) {
      const CellName& name = source.cells.all()[i];
      const TimeSeries series = series_of(cells[i], name.style);
      if (series.median.empty() || series.seconds <= 0) continue;
      for (const Trial& trial : cells[i].trials) {
        if (trial.measurement) interval_ms = trial.measurement->series_interval_ms;
      }
      const auto peak = report::peak_of(cells[i]);
      View view = name.view();
      const auto* const summary = summary_of(cells[i], kRate);
      view.set("rate", summary != nullptr && summary->median ? number_text(*summary->median) : "–");
      view.set("has_peak", peak.has_value());
      view.set("peak", peak ? std::to_string(peak->connections) : std::string());
      view.set("is_open", cells[i].id == open_cell);
      view.set("picture", time_series(series, description_of(series, name.label)));
      views.push_back(view);
    }
  }
  page.set("has_series", !views.empty());
  page.set("series", View(views));
  page.set("interval_ms", std::to_string(interval_ms));
}

}  // namespace poolbench::page
