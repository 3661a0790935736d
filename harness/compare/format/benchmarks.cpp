#include "report/format/benchmarks.h"

#include <fmt/format.h>

#include "compare/format/render.h"

namespace poolbench::compare {
namespace {

/// The head's figures, with what the diff says of each.
std::vector<report::BenchmarkFigure> figures_of(const Diff& diff) {
  std::vector<report::BenchmarkFigure> figures;
  for (const DiffRow& row : diff.rows) {
    if (!row.head.median) continue;
    std::string remark(report::word_of(row.verdict));
    if (row.ratio) remark += fmt::format(", {} % {}", change_text(row), interval_text(row));
    figures.push_back({row.cell, row.definition, *row.head.median, row.head.ci_low,
                       row.head.ci_high, std::move(remark)});
  }
  return figures;
}

}  // namespace

base::Json to_bencher(const Diff& diff) { return report::to_bencher(figures_of(diff)); }

base::Result<base::Json> to_github_action_benchmark(const Diff& diff) {
  return report::to_github_action_benchmark(figures_of(diff));
}

}  // namespace poolbench::compare
