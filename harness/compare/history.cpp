#include "compare/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.h"
#include "compare/comparability.h"
#include "compare/effect.h"
#include "compare/selection.h"
#include "report/json_place.h"
#include "report/look_up.h"
#include "scenario/metric.h"

namespace poolbench::compare {
namespace {

using base::Json;

std::string machine_of(const report::Report& report) {
  const auto text = [&](const char* key) {
    return report::look_up<std::string>(report.environment, {key}).value_or("unknown");
  };
  const auto count =
      report::look_up<std::int64_t>(report.environment, {"host.cpu.logical_count"}).value_or(0);
  return fmt::format("{} × {}, {}", count, text("host.cpu.model.name"), text("host.arch"));
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
  const Sample sample = sample_of(cell, line.metric);
  std::vector<double> values;
  for (const auto& [block, value] : sample.by_block) {
    if (value <= 0) return;
    values.push_back(value);
  }
  if (values.empty()) return;
  const auto effect = log_effect(report, sample, line);
  if (!effect) return;
  constexpr double kErrorsAHalf = 1.959964;
  line.n = effect->n;
  line.value = stats::Location(values).estimate();
  line.log_value = effect->estimate;
  if (const auto& interval = effect->interval_95) {
    line.standard_error = (interval->high - interval->low) / 2 / kErrorsAHalf;
  }
  lines.push_back(std::move(line));
}

HistoryLine read_line(const report::JsonPlace& place) {
  HistoryLine line;
  place["report_id"].to(line.report_id);
  place["started_at"].to(line.started_at);
  place["scenario"].to(line.scenario);
  place["machine"].to(line.machine);
  place["conditions"].to(line.conditions);
  if (const auto turns = place["in_turns"]; turns.present()) turns.to(line.in_turns);
  place["cell"].to(line.cell);
  place["metric"].to(line.metric);
  place["anchor"].to(line.anchor);
  place["n"].to(line.n);
  place["value"].to(line.value);
  place["log_value"].to(line.log_value);
  place["standard_error"].to(line.standard_error);
  return line;
}

base::Result<void> read_lines(std::string_view text, std::vector<HistoryLine>& lines) {
  const auto document = report::parse_document(text);
  if (!document) return base::bad_input("is not JSON");
  std::optional<base::Error> failure;
  const report::JsonPlace root(*document, failure);
  if (const auto inner = root["history"]; inner.present()) {
    inner.each([&](const report::JsonPlace& place) { lines.push_back(read_line(place)); });
  } else {
    lines.push_back(read_line(root));
  }
  if (failure) return tl::unexpected(*failure);
  return {};
}

}  // namespace

HistoryLine blank_line(const report::Report& report, const report::CellReport& cell,
                       const std::string& metric, const std::string& anchor) {
  HistoryLine line;
  line.report_id = report.report_id;
  line.started_at = report.started_at;
  line.scenario = report::look_up<std::string>(report.scenario, {"name"}).value_or("");
  line.machine = machine_of(report);
  const auto related = std::ranges::find(report.cells, anchor, &report::CellReport::id);
  line.conditions =
      conditions_key(report, cell, related == report.cells.end() ? nullptr : &*related);
  // What was only sampled does not continue what the log told; without either nothing changes.
  const std::string source = sample_of(cell, metric).source;
  if (!source.empty() && source != report::word_of(report::PeakSource::kSamples))
    line.conditions += "-" + source;
  line.in_turns = report::look_up<std::string>(cell.config, {"load", "slice"}).has_value();
  line.cell = cell.id;
  line.metric = metric;
  line.anchor = anchor;
  return line;
}

std::vector<HistoryLine> history_lines(const report::Report& report) {
  std::vector<HistoryLine> lines;
  const std::string anchor = choose_anchor(report, report, std::nullopt).value_or("");
  std::set<std::string> anchored;
  for (const std::string& metric : scenario::metric_names()) {
    if (can_anchor(report, anchor, metric)) anchored.insert(metric);
  }
  for (const report::CellReport& cell : report.cells) {
    if (cell.status != report::CellStatus::kOk) continue;
    const HistoryLine plain = blank_line(report, cell, "", "");
    const HistoryLine related = cell.id == anchor ? plain : blank_line(report, cell, "", anchor);
    for (const std::string& metric : scenario::metric_names()) {
      HistoryLine line = anchored.contains(metric) ? related : plain;
      line.metric = metric;
      add_line(report, cell, std::move(line), lines);
    }
  }
  return lines;
}

Json to_json(const HistoryLine& line) {
  return {{"report_id", line.report_id},
          {"started_at", line.started_at},
          {"scenario", line.scenario},
          {"machine", line.machine},
          {"conditions", line.conditions},
          {"in_turns", line.in_turns},
          {"cell", line.cell},
          {"metric", line.metric},
          {"anchor", line.anchor},
          {"n", line.n},
          {"value", line.value},
          {"log_value", line.log_value},
          {"standard_error", base::or_null(line.standard_error)}};
}

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

}  // namespace poolbench::compare
