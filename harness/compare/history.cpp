#include "compare/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/file.h"
#include "base/json.h"
#include "compare/comparability.h"
#include "compare/effect.h"
#include "compare/selection.h"
#include "report/json_fields.h"
#include "report/json_place.h"
#include "report/metric.h"
#include "report/report_fields.h"
#include "stats/inference.h"

namespace poolbench::compare {

/// The members of a line, as docs/report-reference.md has them.
template <typename Io, report::Of<HistoryLine> T>
void fields(Io& io, T& line) {
  io({.name = "report_id", .meaning = ""}, line.report_id);
  io({.name = "started_at", .meaning = ""}, line.started_at);
  io({.name = "scenario", .meaning = ""}, line.scenario);
  io({.name = "machine", .meaning = ""}, line.machine);
  io({.name = "conditions", .meaning = ""}, line.conditions);
  io({.name = "in_turns", .meaning = "", .presence = report::Presence::kMayLack}, line.in_turns);
  io({.name = "cell", .meaning = ""}, line.cell);
  io({.name = "metric", .meaning = ""}, line.metric);
  io({.name = "unit", .meaning = "", .presence = report::Presence::kOmitted}, line.unit);
  io({.name = "anchor", .meaning = ""}, line.anchor);
  io({.name = "n", .meaning = ""}, line.n);
  io({.name = "value", .meaning = ""}, line.value);
  io({.name = "log_value", .meaning = ""}, line.log_value);
  io({.name = "standard_error", .meaning = ""}, line.standard_error);
}

namespace {

using base::Json;

std::string machine_of(const report::Report& report) {
  const report::Environment& environment = report.environment;
  return fmt::format("{} × {}, {}", environment.cpu_count.value_or(0),
                     environment.cpu_model.value_or("unknown"),
                     environment.host_arch.value_or("unknown"));
}

/// Of the values themselves, or of their ratios to the anchor.
std::optional<Effect> log_effect(const report::Report& report, const Sample& sample,
                                 const HistoryLine& line) {
  std::vector<double> logs;
  if (!line.anchor.empty()) {
    auto ratios = paired_log_ratios(sample_of(report, line.anchor, line.metric), sample);
    if (!ratios) return std::nullopt;
    logs = std::move(*ratios);
  } else {
    for (const auto& [block, value] : sample.by_block) logs.push_back(std::log(value));
  }
  return paired_effect(logs);
}

void add_line(const report::Report& report, const report::CellReport& cell, HistoryLine line,
              std::vector<HistoryLine>& lines) {
  const Sample sample = sample_of(report, cell.id, line.metric);
  std::vector<double> values;
  for (const auto& [block, value] : sample.by_block) {
    if (value <= 0) return;
    values.push_back(value);
  }
  if (values.empty()) return;
  const auto effect = log_effect(report, sample, line);
  if (!effect) return;
  line.n = effect->n;
  line.value = stats::Location(values).estimate();
  line.log_value = effect->estimate;
  if (const auto& interval = effect->interval_95) {
    line.standard_error = (interval->high - interval->low) / 2 / stats::kNormal95;
  }
  lines.push_back(std::move(line));
}

base::Result<void> read_lines(std::string_view text, std::vector<HistoryLine>& lines) {
  const auto document = report::parse_document(text);
  if (!document) return base::bad_input("is not JSON");
  std::optional<base::Error> failure;
  const report::JsonPlace root(*document, failure);
  if (const auto inner = root["history"]; inner.present()) {
    inner.each([&](const auto& place) { report::read(place, lines.emplace_back()); });
  } else {
    report::read(root, lines.emplace_back());
  }
  if (failure) return tl::unexpected(*failure);
  return {};
}

/// Runs that declare a metric differently have nothing to continue.
void set_declaration(const report::Report& report, HistoryLine& line) {
  const auto found = std::ranges::find(report.metrics, line.metric, &report::DeclaredMetric::name);
  if (found == report.metrics.end()) return;
  const std::string per = found->per ? fmt::format("/{}", report::word_of(*found->per)) : "";
  line.unit = found->unit + per;
  line.conditions += "-" + base::sha256_hex(base::json_dump(report::json_of(*found))).substr(0, 8);
}

}  // namespace

HistoryLine blank_line(const report::Report& report, const report::CellReport& cell,
                       const std::string& metric, const std::string& anchor) {
  HistoryLine line;
  line.report_id = report.report_id;
  line.started_at = report.started_at;
  line.scenario = report.scenario.name;
  line.machine = machine_of(report);
  const auto related = std::ranges::find(report.cells, anchor, &report::CellReport::id);
  line.conditions =
      conditions_key(report, cell, related == report.cells.end() ? nullptr : &*related);
  // What was only sampled does not continue what the log told; without either nothing changes.
  const auto source = sample_of(report, cell.id, metric).source;
  if (source && source->only != report::PeakSource::kSamples) {
    line.conditions += source->only ? fmt::format("-{}", report::word_of(*source->only)) : "-both";
  }
  line.in_turns = report::look_up<std::string>(cell.config, {"load", "slice"}).has_value();
  line.cell = cell.id;
  line.metric = metric;
  line.anchor = anchor;
  set_declaration(report, line);
  return line;
}

std::vector<HistoryLine> history_lines(const report::Report& report) {
  std::vector<HistoryLine> lines;
  const std::string anchor = choose_anchor(report, report, std::nullopt).value_or("");
  std::set<std::string> anchored;
  for (const std::string& metric : report::metric_names(report.metrics)) {
    if (can_anchor(report, anchor, metric)) anchored.insert(metric);
  }
  for (const report::CellReport& cell : report.cells) {
    if (cell.status != report::CellStatus::kOk) continue;
    const HistoryLine plain = blank_line(report, cell, "", "");
    const HistoryLine related = cell.id == anchor ? plain : blank_line(report, cell, "", anchor);
    for (const std::string& metric : report::metric_names(report.metrics)) {
      HistoryLine line = anchored.contains(metric) ? related : plain;
      line.metric = metric;
      set_declaration(report, line);
      add_line(report, cell, std::move(line), lines);
    }
  }
  return lines;
}

Json to_json(const HistoryLine& line) { return report::json_of(line); }

std::string history_text(const std::vector<HistoryLine>& lines) {
  std::string text;
  for (const HistoryLine& line : lines) {
    text += base::json_dump(to_json(line)) + "\n";
  }
  return text;
}

base::Result<std::vector<HistoryLine>> parse_history(std::string_view text) {
  std::vector<HistoryLine> lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view one = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (const auto read = read_lines(one, lines); !read) {
      return base::bad_input(fmt::format("line {}: {}", number, read.error().message), {},
                             "rebuild it with poolbench history");
    }
  }
  return lines;
}

namespace {

constexpr double kLeastShift = 0.02;  // relative

std::string state_of(const std::vector<stats::ChangePoint>& points, std::size_t which,
                     std::size_t runs) {
  const double back = std::log1p(kLeastShift);
  for (std::size_t later = which + 1; later < points.size(); ++later) {
    if (std::abs(points[later].after - points[which].before) < back) return "recovered";
  }
  return runs - 1 - points[which].index >= kConfirmingRuns ? "confirmed" : "candidate";
}

void find_changes(Trend& trend, const std::set<std::string>& acknowledged) {
  std::vector<double> values;
  for (const HistoryLine& run : trend.runs) values.push_back(run.log_value);
  stats::ChangePointSearch search;
  search.least_shift = std::log1p(kLeastShift);
  const auto points = stats::change_points(values, search);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const HistoryLine& first = trend.runs[points[i].index];
    trend.changes.push_back(
        {first.report_id, first.started_at, std::exp(points[i].after - points[i].before),
         acknowledged.contains(first.report_id) ? "acknowledged"
                                                : state_of(points, i, values.size())});
  }
}

/// Keeps the runs that are comparable with the last one, each report once.
void keep_comparable(Trend& trend) {
  auto& runs = trend.runs;
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
    return std::tie(a.started_at, a.report_id) < std::tie(b.started_at, b.report_id);
  });
  const auto same = [](const auto& a, const auto& b) { return a.report_id == b.report_id; };
  runs.erase(std::unique(runs.begin(), runs.end(), same), runs.end());
  const HistoryLine last = runs.back();
  trend.anchor = last.anchor;
  trend.elsewhere = static_cast<int>(std::erase_if(runs, [&](const HistoryLine& run) {
    return run.conditions != last.conditions || run.anchor != last.anchor ||
           run.machine != last.machine;
  }));
}

}  // namespace

std::vector<Trend> trends(const std::vector<HistoryLine>& lines,
                          const std::vector<std::string>& metrics,
                          const std::set<std::string>& acknowledged) {
  std::vector<Trend> all;
  for (const HistoryLine& line : lines) {
    const bool wanted =
        metrics.empty() || std::find(metrics.begin(), metrics.end(), line.metric) != metrics.end();
    if (!wanted) continue;
    auto trend = std::find_if(all.begin(), all.end(), [&](const Trend& one) {
      return one.cell == line.cell && one.metric == line.metric && one.scenario == line.scenario;
    });
    if (trend == all.end()) {
      trend = all.insert(all.end(), Trend{});
      trend->scenario = line.scenario;
      trend->cell = line.cell;
      trend->metric = line.metric;
    }
    trend->runs.push_back(line);
  }
  for (Trend& trend : all) {
    keep_comparable(trend);
    find_changes(trend, acknowledged);
  }
  return all;
}

}  // namespace poolbench::compare
