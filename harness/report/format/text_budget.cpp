#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/budget.h"
#include "report/format/paint.h"
#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

/// A column of the table: a member of the budget, and what is read above it.
struct Column {
  std::string metric, title;
};

std::vector<Column> columns() {
  const auto name = [](const char* member) { return fmt::format("{}{}", kOfBudget, member); };
  std::vector<Column> all{{name("total_us"), "total"}};
  for (const BudgetPart& part : kBudgetParts) all.push_back({name(part.member), part.title});
  all.push_back({name("unexplained_us"), "unexplained"});
  all.push_back({name("queue_us"), "(queue before it)"});
  return all;
}

std::optional<double> median_of(const CellReport& cell, const std::string& metric) {
  const auto found = std::ranges::find(cell.summary, metric, &Summary::metric);
  return found == cell.summary.end() ? std::nullopt : found->median;
}

bool has_budget(const CellReport& cell) {
  return median_of(cell, fmt::format("{}total_us", kOfBudget)).has_value();
}

/// Of its first trial that has one.
std::string divided(const CellReport& cell) {
  for (const Trial& trial : cell.trials) {
    if (!trial.budget) continue;
    if (trial.budget->of == BudgetOf::kLatency) return "the mean latency";
    return fmt::format("1 of {} workers", trial.budget->serves_at_once.value_or(0));
  }
  return {};
}

/// Why cells have no budget, each reason once.
std::string reasons_text(const Report& report, const TextStyle& style) {
  std::set<std::string> reasons;
  for (const CellReport& cell : report.cells) {
    if (has_budget(cell)) continue;
    for (const Trial& trial : cell.trials) {
      for (const auto& [what, reason] : trial.missing) {
        if (what == "budget") reasons.insert(reason);
      }
    }
  }
  std::string text;
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  for (const std::string& reason : reasons) {
    text += wrap("– none: " + printable(reason), width, 2) + "\n";
  }
  return text;
}

}  // namespace

std::string budget_text(const Report& report, const TextStyle& style) {
  if (std::ranges::none_of(report.cells, has_budget)) return {};
  using enum Table::Align;
  std::vector<Column> shown = columns();
  std::erase_if(shown, [&](const Column& column) {
    return std::ranges::none_of(report.cells, [&](const CellReport& cell) {
      const auto median = median_of(cell, column.metric);
      return median && *median != 0;
    });
  });
  std::vector<Table::Align> alignment{kLeft, kLeft};
  alignment.insert(alignment.end(), shown.size(), kRight);
  Table table(alignment);
  Table::Row titles{{"cell", Colour::kDim}, {"of", Colour::kDim}};
  for (const Column& column : shown) titles.push_back({column.title, Colour::kDim});
  table.add(std::move(titles));
  for (const CellReport& cell : report.cells) {
    Table::Row row{{printable(cell.id)}, {divided(cell)}};
    for (const Column& column : shown) {
      const auto median = median_of(cell, column.metric);
      row.push_back({median ? format_value(built_in_metric(column.metric), *median) : "–"});
    }
    table.add(std::move(row));
  }
  return fmt::format("{}  {}\n{}{}",
                     paint("Where a request's time goes", Colour::kBold, style.colour),
                     paint("ms per request", Colour::kDim, style.colour),
                     table.to_text(style.colour), reasons_text(report, style));
}

}  // namespace poolbench::report
