#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "report/format/cell_texts.h"
#include "report/format/paint.h"
#include "report/format/text.h"
#include "report/metric.h"
#include "report/summary.h"

namespace poolbench::report {
namespace {

/// A bar of eighth blocks, `columns` wide at `share` 1; empty for no columns.
std::string bar(double share, int columns) {
  static constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const int eighths = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * columns * 8));
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[eighths % 8];
}

Table::Row row_of(const Report& report, const CellReport& cell, const std::string& bar_text) {
  const CellTexts texts = cell_texts(report, cell);
  const Colour missing = cell.status == CellStatus::kFailed ? Colour::kRed : Colour::kDim;
  return {{printable(cell.id)},
          {texts.rate, texts.has_rate ? Colour::kBold : missing},
          {texts.precision, Colour::kDim},
          {texts.has_rate ? bar_text : "", Colour::kGreen},
          {texts.ratio},
          {texts.p50},
          {texts.p99},
          {texts.sessions},
          {texts.peak},
          {texts.cpu},
          {texts.errors, Colour::kRed}};
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
