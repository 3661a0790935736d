#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/metric.h"
#include "report/paint.h"
#include "report/summary.h"
#include "report/text.h"
#include "report/validity.h"

namespace poolbench::report {
namespace {

constexpr const char* kRate = "throughput_requests_per_second";
constexpr const char* kUnknown = "–";
constexpr std::size_t kColumns = 11;

const Summary* find_summary(const CellReport& cell, const std::string& metric) {
  for (const Summary& summary : cell.summary) {
    if (summary.metric == metric && summary.median) return &summary;
  }
  return nullptr;
}

std::string value_of(const CellReport& cell, const std::string& metric) {
  const auto* const summary = find_summary(cell, metric);
  return summary == nullptr ? kUnknown : format_value(*find_metric(metric, {}), *summary->median);
}

/// Half the interval's width in per cent of the estimate, or how many trials there are when they
/// are too few for an interval.
std::string precision_of(const Summary& rate) {
  if (!rate.ci_low || !rate.ci_high || *rate.median <= 0) {
    return base::counted(rate.n, "trial");
  }
  return half_width_text(*rate.median, *rate.ci_low, *rate.ci_high);
}

/// A bar of eighth blocks, `columns` wide at `share` 1; empty for no columns.
std::string bar(double share, int columns) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * columns * 8));
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[eighths % 8];
}

/// The cell's p99, or that of all its answers together, marked with the star that a note explains,
/// or "≤9.30" where that holds too much of the generator's own waiting.
std::string tail_of(const CellReport& cell) {
  const Metric& metric = built_in_metric(kTail);
  const NamedQuantile& tail = *quantile_of(metric);
  if (find_summary(cell, kTail) != nullptr) return value_of(cell, kTail);
  const Pooled pooled = pooled_instead(cell, tail, pooled_quantiles(cell));
  if (pooled.value_us) return format_value(metric, *pooled.value_us) + "*";
  return pooled.at_most_us ? "≤" + format_value(metric, *pooled.at_most_us) : kUnknown;
}

constexpr double kMillisecondsPerMicrosecond = 0.001;

/// CPU ms per request of all services of the cell together; unknown if that of one is.
std::string service_cpu_of(const CellReport& cell) {
  double sum = 0;
  for (const std::string& service : services_in(cell)) {
    for (const std::string& metric : service_metric_names(service)) {
      const auto* const summary = find_summary(cell, metric);
      if (summary == nullptr) return kUnknown;
      sum += *summary->median * kMillisecondsPerMicrosecond;
    }
  }
  return fmt::format("{:.2f}", sum);
}

/// "0.63+0.12+0.05": CPU ms per request of target, PostgreSQL and generator; and of the services,
/// where a cell of the report has some.
std::string cpu_of(const CellReport& cell, bool with_services) {
  std::string text;
  for (const char* metric : {"target_cpu_us_per_request", "postgres_cpu_us_per_request",
                             "generator_cpu_us_per_request"}) {
    const auto* const summary = find_summary(cell, metric);
    if (!text.empty()) text += "+";
    text += summary == nullptr
                ? kUnknown
                : fmt::format("{:.2f}", *summary->median * kMillisecondsPerMicrosecond);
  }
  if (with_services) text += "+" + service_cpu_of(cell);
  return text;
}

bool has_services(const Report& report) {
  return std::ranges::any_of(report.cells,
                             [](const CellReport& cell) { return !services_in(cell).empty(); });
}

/// "≥5" where there may have been more between samples.
std::string peak_text(const CellReport& cell) {
  const auto peak = peak_of(cell);
  return peak ? fmt::format("{}{}", peak->sampled ? "≥" : "", peak->connections) : kUnknown;
}

/// The throughput ratio of the first comparison in which the cell is the candidate.
std::string ratio_of(const Report& report, const CellReport& cell) {
  for (const ComparisonResult& comparison : report.comparisons) {
    if (comparison.metric != kRate || comparison.candidate != cell.id) continue;
    return comparison.ratio ? "×" + format_number(*comparison.ratio) : kUnknown;
  }
  for (const ComparisonResult& comparison : report.comparisons) {
    if (comparison.metric == kRate && comparison.baseline == cell.id) return "base";
  }
  return {};
}

}  // namespace

Fate fate_of(const CellReport& cell) {
  Fate fate;
  for (const Trial& trial : cell.trials) {
    if (!is_told_of(trial)) continue;
    ++fate.all;
    if (trial.disturbed) {
      ++fate.disturbed;
    } else if (trial.status != TrialStatus::kOk) {
      ++fate.bad;
    }
  }
  return fate;
}

std::string errors_text(const CellReport& cell) {
  if (cell.status == CellStatus::kFailed) return {};  // said below the table
  std::uint64_t errors = 0;
  for (const Trial& trial : cell.trials) {
    if (trial.measurement) errors += trial.measurement->requests.failed();
  }
  const Fate fate = fate_of(cell);
  std::vector<std::string> parts;
  if (errors > 0) parts.push_back(base::counted(errors, "error"));
  if (fate.bad > 0) parts.push_back(fmt::format("{} of {} do not count", fate.bad, fate.all));
  if (fate.disturbed > 0)
    parts.push_back(fmt::format("{} of {} disturbed", fate.disturbed, fate.all));
  return fmt::format("{}", fmt::join(parts, ", "));
}

namespace {

Table::Row row_of(const Report& report, const CellReport& cell, const std::string& bar_text) {
  const auto* const rate = find_summary(cell, kRate);
  if (rate == nullptr || cell.status == CellStatus::kFailed) {
    const bool failed = cell.status == CellStatus::kFailed;
    Table::Row row(kColumns);
    row.front() = {printable(cell.id)};
    const char* const none = cell.trials.empty() ? "not run" : "no rate";
    row[1] = failed ? Table::Cell{"failed", Colour::kRed} : Table::Cell{none, Colour::kDim};
    row.back() = {errors_text(cell), Colour::kRed};
    if (failed || cell.trials.empty()) return row;
    row[7] = {value_of(cell, "sessions_per_request")};
    row[8] = {value_of(cell, "peak_connections")};
    return row;
  }
  return {{printable(cell.id)},
          {format_number(*rate->median), Colour::kBold},
          {precision_of(*rate), Colour::kDim},
          {bar_text, Colour::kGreen},
          {ratio_of(report, cell)},
          {value_of(cell, "latency_p50_us")},
          {tail_of(cell)},
          {value_of(cell, "sessions_per_request")},
          {peak_text(cell)},
          {cpu_of(cell, has_services(report))},
          {errors_text(cell), Colour::kRed}};
}

Table table_of(const Report& report, int bar_columns) {
  using enum Table::Align;
  Table table(
      {kLeft, kRight, kRight, kLeft, kRight, kRight, kRight, kRight, kRight, kRight, kLeft});
  const auto dim = [](const char* text) { return Table::Cell{text, Colour::kDim}; };
  table.add({dim(""), dim(""), dim("±"), dim(""), dim("to"), dim("p50"), dim("p99"),
             dim("sessions"), dim("peak"), dim("CPU ms/request:")});
  table.add({dim("cell"), dim("requests/s"), dim("95 %"), dim(""), dim("base"), dim("ms"),
             dim("ms"), dim("/request"), dim("conn."),
             dim(has_services(report) ? "target+PG+gen.+services" : "target+PG+gen.")});
  double fastest = 0;
  for (const CellReport& cell : report.cells) {
    if (const auto* const rate = find_summary(cell, kRate))
      fastest = std::max(fastest, *rate->median);
  }
  for (const CellReport& cell : report.cells) {
    const auto* const rate = find_summary(cell, kRate);
    const bool drawn = rate != nullptr && fastest > 0;
    table.add(row_of(report, cell, drawn ? bar(*rate->median / fastest, bar_columns) : ""));
  }
  return table;
}

/// Of cells that mix endpoints: a row for each endpoint; empty if there is no such cell.
std::string endpoints_text(const Report& report, const TextStyle& style) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kRight});
  const auto dim = [](const char* text) { return Table::Cell{text, Colour::kDim}; };
  table.add({dim("cell"), dim("endpoint"), dim("requests/s"), dim("p50 ms"), dim("p99 ms"),
             dim("errors")});
  bool is_empty = true;
  for (const CellReport& cell : report.cells) {
    bool is_first = true;
    for (const std::string& endpoint : endpoints_in(cell)) {
      const auto value = [&](const char* metric) -> Table::Cell {
        return {value_of(cell, fmt::format("endpoint.{}.{}", endpoint, metric))};
      };
      std::uint64_t failed = 0;
      for (const Trial& trial : cell.trials) {
        if (!trial.measurement) continue;
        const auto figures = trial.measurement->endpoints.find(endpoint);
        if (figures != trial.measurement->endpoints.end()) failed += figures->second.failed();
      }
      table.add({{is_first ? printable(cell.id) : ""},
                 {printable(endpoint)},
                 value(kRate),
                 value("latency_p50_us"),
                 value(kTail),
                 {failed == 0 ? "" : std::to_string(failed), Colour::kRed}});
      is_first = is_empty = false;
    }
  }
  return is_empty ? "" : "\n" + table.to_text(style.colour);
}

/// The path of a cell, as its settings name it; empty if it is direct.
std::string via_of(const CellReport& cell) {
  const auto postgres = cell.config.find("postgres");
  if (postgres == cell.config.end() || !postgres->is_object()) return {};
  const auto via = postgres->find("via");
  return via == postgres->end() || !via->is_string() ? std::string() : via->get<std::string>();
}

/// The median over a cell's trials, in milliseconds.
std::string path_cost_of(const CellReport& cell, double PathCost::* cost) {
  std::vector<double> values;
  for (const Trial& trial : cell.trials) {
    if (trial.path) values.push_back((*trial.path).*cost * kMillisecondsPerMicrosecond);
  }
  if (values.empty()) return kUnknown;
  std::ranges::sort(values);
  return format_number(values[values.size() / 2]);
}

/// What the ways to PostgreSQL cost by themselves; empty where all cells go there directly.
std::string paths_text(const Report& report, const TextStyle& style) {
  using enum Table::Align;
  const auto goes_by = [](const CellReport& cell) { return !via_of(cell).empty(); };
  if (std::ranges::none_of(report.cells, goes_by)) return {};
  Table table({kLeft, kLeft, kRight, kRight});
  const auto dim = [](const char* text) { return Table::Cell{text, Colour::kDim}; };
  table.add({dim("cell"), dim("to PostgreSQL"), dim("connect ms"), dim("round trip ms")});
  for (const CellReport& cell : report.cells) {
    const std::string via = via_of(cell);
    table.add({{printable(cell.id)},
               {via.empty() ? "direct" : printable(via)},
               {path_cost_of(cell, &PathCost::connect_us)},
               {path_cost_of(cell, &PathCost::round_trip_us)}});
  }
  return "\n" + table.to_text(style.colour);
}

std::string failures_text(const Report& report, const TextStyle& style) {
  constexpr std::size_t kLongest = 4000;
  std::string text;
  for (const CellReport& cell : report.cells) {
    if (cell.status != CellStatus::kFailed) continue;
    const Fate fate = fate_of(cell);
    text += fmt::format("\n{} failed in {} of {} trials:\n",
                        paint("✗ " + printable(cell.id), Colour::kRed, style.colour), fate.bad,
                        fate.all);
    std::string error = printable(cell.error.substr(0, kLongest), true);
    for (std::size_t start = 0; start <= error.size();) {
      const std::size_t end = std::min(error.find('\n', start), error.size());
      text += "    " + error.substr(start, end - start) + "\n";
      start = end + 1;
    }
  }
  return text;
}

}  // namespace

std::string cells_text(const Report& report, const TextStyle& style) {
  if (report.cells.empty()) return {};
  constexpr int kLongestBar = 16, kShortestBar = 6, kBeforeBar = 2;
  Table table = table_of(report, 0);
  const int columns = style.width - static_cast<int>(table.width()) - kBeforeBar;
  if (columns >= kShortestBar) table = table_of(report, std::min(columns, kLongestBar));
  return table.to_text(style.colour) + endpoints_text(report, style) + paths_text(report, style) +
         failures_text(report, style);
}

}  // namespace poolbench::report
