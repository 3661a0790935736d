#include <fmt/format.h>

#include <algorithm>

#include "report/format/cell_texts.h"
#include "report/format/forms.h"
#include "report/format/markdown.h"
#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

constexpr std::size_t kWidth = 100;

std::string what_it_is(const Report& report) {
  const auto software = software_lines(report);
  return join_parts({printable(report.scenario.name), printable(report.started_at),
                     software.empty() ? "" : software.front(), machine_text(report)});
}

std::string value_with_interval(const CellReport* cell, const Metric& metric) {
  const Summary* const summary = cell == nullptr ? nullptr : find_summary(*cell, metric.name);
  if (summary == nullptr) return kUnknown;
  std::string text = format_value(metric, *summary->median);
  if (!summary->ci_low || !summary->ci_high || *summary->ci_low <= 0) return text;
  return text + " " + half_width_text(*summary->median, *summary->ci_low, *summary->ci_high);
}

/// The first report that knows it tells how it is shown.
std::optional<Metric> find_in_any(Reports reports, const std::string& name) {
  for (const Report& report : reports) {
    if (auto metric = find_metric(name, report.metrics)) return metric;
  }
  return std::nullopt;
}

/// Of all reports, in the order of the first that has each.
std::vector<std::string> cell_ids(Reports reports) {
  std::vector<std::string> ids;
  for (const Report& report : reports) {
    for (const CellReport& cell : report.cells) {
      if (std::ranges::find(ids, cell.id) == ids.end()) ids.push_back(cell.id);
    }
  }
  return ids;
}

}  // namespace

base::Result<SideBySide> side_by_side(Reports reports, const std::vector<std::string>& metrics) {
  SideBySide result;
  for (const Report& report : reports) result.reports.push_back(what_it_is(report));
  for (const std::string& name : metrics) {
    const auto metric = find_in_any(reports, name);
    if (!metric) {
      return base::bad_input(fmt::format("none of the reports has a metric {}", name), "--metric",
                             "`poolbench show --metrics` lists what a report has");
    }
    SideBySide::Part part{metric->label, {}};
    for (const std::string& id : cell_ids(reports)) {
      SideBySide::Row row{id, {}};
      for (const Report& report : reports) {
        row.values.push_back(value_with_interval(find_cell(report, id), *metric));
      }
      part.rows.push_back(std::move(row));
    }
    result.parts.push_back(std::move(part));
  }
  return result;
}

std::string to_text(const SideBySide& reports, bool colour) {
  std::string text;
  for (std::size_t i = 0; i < reports.reports.size(); ++i) {
    const std::string label = fmt::format("[{}]", i + 1);
    const std::size_t indent = label.size() + 2;
    text += paint(label, Colour::kBold, colour) + "  " +
            wrap(reports.reports[i], kWidth, indent).substr(indent) + "\n";
  }
  for (const SideBySide::Part& part : reports.parts) {
    std::vector<Table::Align> alignment{Table::Align::kLeft};
    alignment.insert(alignment.end(), reports.reports.size(), Table::Align::kRight);
    Table table(alignment);
    Table::Row titles{{"cell", Colour::kDim}};
    for (std::size_t i = 0; i < reports.reports.size(); ++i) {
      titles.push_back({fmt::format("[{}]", i + 1), Colour::kDim});
    }
    table.add(std::move(titles));
    for (const SideBySide::Row& row : part.rows) {
      Table::Row cells{{printable(row.cell)}};
      for (const std::string& value : row.values) cells.push_back({value});
      table.add(std::move(cells));
    }
    text += "\n" + paint(part.metric, Colour::kBold, colour) + "\n" + table.to_text(colour, 2);
  }
  return text;
}

std::string to_markdown(const SideBySide& reports) {
  std::string text;
  for (std::size_t i = 0; i < reports.reports.size(); ++i) {
    text += fmt::format("{}. {}\n", i + 1, markdown_text(reports.reports[i]));
  }
  for (const SideBySide::Part& part : reports.parts) {
    std::vector<std::string> titles{markdown_text(part.metric)};
    std::vector<std::string> rules{"---"};
    for (std::size_t i = 0; i < reports.reports.size(); ++i) {
      titles.push_back(std::to_string(i + 1));
      rules.emplace_back("---:");
    }
    text += "\n" + markdown_row(titles) + markdown_row(rules);
    for (const SideBySide::Row& row : part.rows) {
      std::vector<std::string> cells{markdown_text(row.cell)};
      cells.insert(cells.end(), row.values.begin(), row.values.end());
      text += markdown_row(cells);
    }
  }
  return text;
}

}  // namespace poolbench::report
