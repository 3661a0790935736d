#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "page/charts.h"
#include "page/view.h"
#include "report/budget.h"
#include "report/metric.h"

// The time budget: what a request's time is made of, as far as it is measured.

namespace poolbench::page {
namespace {

/// A column: a member of the budget, and how its part of the bar is painted.
struct BudgetColumn {
  std::string metric, title;
  const char* kind = "";  ///< empty: it is no part of the bar
};

std::string metric_name(const char* member) {
  return fmt::format("{}{}", report::kOfBudget, member);
}

std::vector<BudgetColumn> all_columns() {
  constexpr std::array kKinds{"k-p0", "k-p1", "k-p2", "k-p3", "k-p4", "k-p5", "k-p6"};
  static_assert(kKinds.size() == report::kBudgetParts.size());
  std::vector<BudgetColumn> all{{metric_name("total_us"), "all of it", ""}};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    const report::BudgetPart& part = report::kBudgetParts[i];
    all.push_back({metric_name(part.member), part.title, kKinds[i]});
  }
  all.push_back({metric_name("unexplained_us"), "unexplained", "k-p7"});
  all.push_back({metric_name("queue_us"), "queue before it", ""});
  return all;
}

std::optional<double> median_of(const report::CellReport& cell, const std::string& metric) {
  const auto* const summary = summary_of(cell, metric);
  return summary == nullptr ? std::nullopt : summary->median;
}

/// Those that some cell knows.
std::vector<BudgetColumn> known_columns(const report::Report& report) {
  std::vector<BudgetColumn> columns = all_columns();
  std::erase_if(columns, [&](const BudgetColumn& column) {
    return std::ranges::none_of(report.cells, [&](const auto& cell) {
      return median_of(cell, column.metric).value_or(0) != 0;
    });
  });
  return columns;
}

/// A part below 0 has no length.
std::vector<Segment> segments_of(const report::CellReport& cell,
                                 const std::vector<BudgetColumn>& columns) {
  std::vector<Segment> segments;
  for (const BudgetColumn& column : columns) {
    const double ms = median_of(cell, column.metric).value_or(0) * kMsPerUs;
    if (*column.kind == '\0' || ms <= 0) continue;
    segments.push_back(
        {column.kind, ms, fmt::format("{} {} ms", column.title, number_text(ms)), {}});
  }
  return segments;
}

std::string divided(const report::CellReport& cell) {
  for (const report::Trial& trial : cell.trials) {
    if (!trial.budget) continue;
    return trial.budget->of == report::BudgetOf::kLatency ? "mean latency" : "a worker’s time";
  }
  return "–";
}

double longest_of(const report::CellReport& cell, const std::vector<BudgetColumn>& columns) {
  double sum = 0;
  for (const Segment& segment : segments_of(cell, columns)) sum += segment.value;
  return sum;
}

}  // namespace

void add_budget(View& page, const Source& source) {
  constexpr int kPixels = 360;
  const auto& cells = source.report.cells;
  const std::vector<BudgetColumn> columns = known_columns(source.report);
  page.set("has_budget", !columns.empty());
  if (columns.empty()) return;
  double most = 0;
  for (const auto& cell : cells) most = std::max(most, longest_of(cell, columns));
  const Axis axis = Axis::from_zero(most, kPixels);
  Views heads, rows;
  for (const BudgetColumn& column : columns) {
    View head;
    head.set("title", column.title);
    head.set("kind", std::string(column.kind));
    head.set("has_kind", *column.kind != '\0');
    heads.push_back(head);
  }
  for (const CellGroup& group : source.cells.groups()) {
    for (const std::size_t i : group.cells) {
      View row = source.cells.all()[i].view();
      Views numbers;
      for (const BudgetColumn& column : columns) {
        Figure figure = summary_figure(source, i, column.metric, kMsPerUs, number_text);
        figure.interval.clear();
        View number;
        number.set("title", column.title);
        number.set("number", figure.view());
        numbers.push_back(number);
      }
      row.set("divided", divided(cells[i]));
      row.set("numbers", View(numbers));
      row.set("picture", stacked_bar(axis, segments_of(cells[i], columns), kTimeWidth));
      rows.push_back(row);
    }
  }
  page.set("budget_heads", View(heads));
  page.set("budgets", View(rows));
  page.set("budget_axis", axis_head(axis, kTimeWidth));
}

}  // namespace poolbench::page
