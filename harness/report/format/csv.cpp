#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "report/format/cell_texts.h"
#include "report/format/forms.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

/// One line of comma-separated values: in quotes what holds a comma, a quote or a line end.
class Line {
 public:
  void add(std::string_view field) {
    if (!is_first_) text_ += ',';
    is_first_ = false;
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
      text_ += field;
      return;
    }
    text_ += '"';
    for (const char c : field) text_ += c == '"' ? std::string(2, c) : std::string(1, c);
    text_ += '"';
  }
  void add(std::optional<double> value) { add(value ? fmt::format("{}", *value) : ""); }
  [[nodiscard]] std::string text() const { return text_ + "\r\n"; }

 private:
  std::string text_;
  bool is_first_ = true;
};

void add_if_new(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

/// The axes of all cells.
std::vector<std::string> axes_of(Reports reports) {
  std::vector<std::string> axes;
  for (const Report& report : reports) {
    for (const CellReport& cell : report.cells) {
      if (!cell.factors.is_object()) continue;
      for (const auto& [axis, value] : cell.factors.items()) add_if_new(axes, axis);
    }
  }
  return axes;
}

void add_factors(Line& line, const CellReport& cell, const std::vector<std::string>& axes) {
  for (const std::string& axis : axes) {
    const bool has_it = cell.factors.is_object() && cell.factors.contains(axis);
    const base::Json value = has_it ? cell.factors.at(axis) : base::Json("");
    line.add(value.is_string() ? value.get<std::string>() : base::json_dump(value));
  }
}

Line head_of(std::initializer_list<const char*> first, const std::vector<std::string>& axes,
             std::initializer_list<const char*> then) {
  Line line;
  for (const char* name : first) line.add(name);
  for (const std::string& axis : axes) line.add("factors." + axis);
  for (const char* name : then) line.add(name);
  return line;
}

/// The metrics by which cells are summarised, of which `has_value` holds for a cell.
template <typename HasValue>
std::vector<std::string> metrics_with_values(Reports reports, HasValue has_value) {
  std::vector<std::string> all, held;
  for (const Report& report : reports) {
    for (const CellReport& cell : report.cells) {
      for (const Summary& summary : cell.summary) {
        add_if_new(all, summary.metric);
        if (has_value(report, cell, summary)) add_if_new(held, summary.metric);
      }
    }
  }
  std::erase_if(all, [&](const auto& name) { return std::ranges::find(held, name) == held.end(); });
  return all;
}

std::optional<double> value_in(const Report& report, const Trial& trial, const std::string& name) {
  const auto metric = find_metric(name, report.metrics);
  return metric ? metric_of(trial, *metric) : std::nullopt;
}

}  // namespace

std::string trials_csv(Reports reports) {
  const auto axes = axes_of(reports);
  const auto metrics = metrics_with_values(
      reports, [](const Report& report, const CellReport& cell, const Summary& summary) {
        return std::ranges::any_of(cell.trials, [&](const Trial& trial) {
          return value_in(report, trial, summary.metric).has_value();
        });
      });
  Line head = head_of({"report", "scenario", "cell"}, axes,
                      {"block", "position", "attempt", "started_at", "status", "disturbed"});
  for (const std::string& metric : metrics) head.add(metric);
  std::string text = head.text();
  for (const Report& report : reports) {
    for (const CellReport& cell : report.cells) {
      for (const Trial& trial : cell.trials) {
        Line line;
        for (const auto& name : {report.report_id, report.scenario.name, cell.id}) line.add(name);
        add_factors(line, cell, axes);
        for (const int place : {trial.block, trial.position, trial.attempt}) {
          line.add(std::to_string(place));
        }
        line.add(trial.started_at);
        line.add(word_of(trial.status));
        line.add(trial.disturbed ? "true" : "false");
        for (const std::string& metric : metrics) line.add(value_in(report, trial, metric));
        text += line.text();
      }
    }
  }
  return text;
}

std::string cells_csv(Reports reports) {
  const auto axes = axes_of(reports);
  const auto metrics =
      metrics_with_values(reports, [](const Report&, const CellReport&, const Summary& summary) {
        return summary.median.has_value();
      });
  Line head = head_of({"report", "scenario", "cell"}, axes, {"status"});
  for (const std::string& metric : metrics) {
    for (const char* part : {"", ".ci_low", ".ci_high", ".n"}) head.add(metric + part);
  }
  std::string text = head.text();
  for (const Report& report : reports) {
    for (const CellReport& cell : report.cells) {
      Line line;
      for (const auto& name : {report.report_id, report.scenario.name, cell.id}) line.add(name);
      add_factors(line, cell, axes);
      line.add(word_of(cell.status));
      for (const std::string& metric : metrics) {
        const Summary* const found = find_summary(cell, metric);
        const Summary summary = found == nullptr ? Summary{} : *found;
        for (const auto& value : {summary.median, summary.ci_low, summary.ci_high}) line.add(value);
        line.add(found == nullptr ? "" : std::to_string(summary.n));
      }
      text += line.text();
    }
  }
  return text;
}

}  // namespace poolbench::report
