#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/format/paint.h"
#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

/// Why the cell has no value of the metric, as its trials tell; empty if they do not.
std::string why_unknown(const CellReport& cell, const Metric& metric) {
  for (const Trial& trial : cell.trials) {
    for (const auto& [name, reason] : trial.missing) {
      if (std::ranges::find(metric.missing_as, name) != metric.missing_as.end()) {
        return printable(base::first_line(reason));
      }
    }
  }
  return {};
}

Table::Row metric_row(const CellReport& cell, const Metric& metric) {
  const auto found = std::ranges::find(cell.summary, metric.name, &Summary::metric);
  if (found == cell.summary.end() || !found->median) {
    const bool has_reason = found != cell.summary.end() && !found->reason.empty();
    return {{},
            {metric.label},
            {"–"},
            {},
            {has_reason ? printable(found->reason) : why_unknown(cell, metric), Colour::kDim}};
  }
  const auto shown = [&](double value) { return format_value(metric, value); };
  const std::string interval =
      found->ci_low && found->ci_high
          ? fmt::format("[{}, {}]", shown(*found->ci_low), shown(*found->ci_high))
          : base::counted(found->n, "trial");
  return {{}, {metric.label}, {shown(*found->median)}, {interval, Colour::kDim}, {}};
}

bool has_value(const CellReport& cell, const Metric& metric) {
  const auto found = std::ranges::find(cell.summary, metric.name, &Summary::metric);
  return found != cell.summary.end() && found->median;
}

/// Whether a metric is declared, but not by the cell's own target.
bool is_anothers(const Report& report, const CellReport& cell, const std::string& metric) {
  const bool is_declared =
      std::ranges::find(report.metrics, metric, &DeclaredMetric::name) != report.metrics.end();
  return is_declared && std::ranges::none_of(cell.trials, [&](const Trial& trial) {
           return std::ranges::any_of(trial.metrics,
                                      [&](const auto& each) { return each.first == metric; });
         });
}

bool has_measured(const CellReport& cell) {
  return cell.status == CellStatus::kOk && !cell.trials.empty();
}

/// Where no cell has a value of the metric, the first one that declares it says why.
bool says_why(const Report& report, const CellReport& cell, const Metric& metric) {
  const auto declares = [&](const CellReport& each) {
    return has_measured(each) && !is_anothers(report, each, std::string(metric.name));
  };
  const auto knows = [&](const CellReport& each) {
    return has_measured(each) && has_value(each, metric);
  };
  return std::ranges::none_of(report.cells, knows) &&
         &*std::ranges::find_if(report.cells, declares) == &cell;
}

}  // namespace

std::string metrics_text(const Report& report, const TextStyle& style) {
  std::vector<Metric> wanted;
  if (style.all_metrics) wanted.assign(metrics().begin(), metrics().end());
  for (const DeclaredMetric& declared : report.metrics) {
    wanted.push_back(*find_metric(declared.name, report.metrics));
  }
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kLeft, kLeft});
  bool is_empty = true;
  for (const CellReport& cell : report.cells) {
    if (!has_measured(cell)) continue;
    bool is_first = true;
    for (const Metric& metric : wanted) {
      if (is_anothers(report, cell, std::string(metric.name))) continue;
      const bool tells = has_value(cell, metric) || says_why(report, cell, metric);
      if (!style.all_metrics && !tells) continue;
      Table::Row row = metric_row(cell, metric);
      if (is_first) row.front() = {printable(cell.id)};
      is_first = is_empty = false;
      table.add(std::move(row));
    }
  }
  if (is_empty) return {};
  return fmt::format(
      "{}{}\n{}", paint("Metrics", Colour::kBold, style.colour),
      paint("  Hodges–Lehmann over blocks, 95 % interval", Colour::kDim, style.colour),
      table.to_text(style.colour, 2));
}

}  // namespace poolbench::report
