#include "report/format/benchmarks.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/format/cell_texts.h"

namespace poolbench::report {
namespace {

/// The unit of a label: "ms" of "p50 ms".
std::string unit_of(const std::string& label) { return label.substr(label.rfind(' ') + 1); }

base::Json entry_of(const BenchmarkFigure& figure) {
  const Metric& metric = figure.metric;
  base::Json entry = {{"name", fmt::format("{} · {}", figure.cell, metric.label)},
                      {"unit", unit_of(metric.label)},
                      {"value", figure.value * metric.display_factor}};
  if (figure.ci_low && figure.ci_high) {
    const double half = std::max(*figure.ci_high - figure.value, figure.value - *figure.ci_low);
    entry["range"] = "± " + format_value(metric, half);
  }
  if (!figure.remark.empty()) entry["extra"] = figure.remark;
  return entry;
}

}  // namespace

base::Result<std::vector<BenchmarkFigure>> benchmark_figures(
    const Report& report, const std::vector<std::string>& names) {
  std::vector<BenchmarkFigure> figures;
  for (const std::string& name : names) {
    const auto metric = find_metric(name, report.metrics);
    if (!metric) {
      return base::bad_input(fmt::format("the report has no metric {}", name), "--metric",
                             "`poolbench show --metrics` lists what it has");
    }
    for (const CellReport& cell : report.cells) {
      const Summary* const summary = find_summary(cell, name);
      if (summary == nullptr) continue;
      figures.push_back({cell.id, *metric, *summary->median, summary->ci_low, summary->ci_high});
    }
  }
  return figures;
}

base::Json to_bencher(const std::vector<BenchmarkFigure>& figures) {
  base::Json json = base::Json::object();
  for (const BenchmarkFigure& figure : figures) {
    base::Json& measure = json[figure.cell][figure.metric.name];
    measure["value"] = figure.value;
    if (figure.ci_low) measure["lower_value"] = *figure.ci_low;
    if (figure.ci_high) measure["upper_value"] = *figure.ci_high;
  }
  return json;
}

base::Result<base::Json> to_github_action_benchmark(const std::vector<BenchmarkFigure>& figures) {
  base::Json json = base::Json::array();
  for (const BenchmarkFigure& figure : figures) {
    const Metric& metric = figure.metric;
    if (metric.better == Better::kNeither || metric.better != figures.front().metric.better) {
      return base::bad_input(
          fmt::format("{} and {} cannot stand in one file: the action is told whether all values "
                      "of a file are better higher or lower",
                      figures.front().metric.name, metric.name),
          "--metric", "write a file for each direction");
    }
    json.push_back(entry_of(figure));
  }
  return json;
}

}  // namespace poolbench::report
