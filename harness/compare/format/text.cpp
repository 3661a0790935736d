#include <fmt/format.h>

#include <algorithm>

#include "compare/format/render.h"
#include "report/format/paint.h"
#include "report/metric.h"

namespace poolbench::compare {
namespace {

using report::Colour;
using report::paint;
using report::printable;
using report::Table;

Colour colour_of(report::Verdict verdict) {
  if (verdict == report::Verdict::kImproved) return Colour::kGreen;
  if (verdict == report::Verdict::kRegressed) return Colour::kRed;
  return verdict == report::Verdict::kNoChange ? Colour::kPlain : Colour::kYellow;
}

/// How many runs and blocks there are, and what the rows rest on.
std::string method(const Diff& diff) {
  int base_blocks = 0, head_blocks = 0;
  std::vector<std::string> margins;
  for (const DiffRow& row : diff.rows) {
    base_blocks = std::max(base_blocks, row.base.n);
    head_blocks = std::max(head_blocks, row.head.n);
    const auto margin = fmt::format("{:.3g} % {}", 100 * row.margin, metric_label(row));
    if (std::find(margins.begin(), margins.end(), margin) == margins.end())
      margins.push_back(margin);
  }
  const std::string anchored =
      diff.anchor.empty() ? ""
                          : fmt::format(", cells paired by block with {}", printable(diff.anchor));
  const std::string runs =
      diff.same_run ? fmt::format("one run, {} blocks, cells paired by block",
                                  std::min(base_blocks, head_blocks))
                    : fmt::format("two runs, {} and {} blocks", base_blocks, head_blocks);
  return fmt::format("{}{}; Hodges–Lehmann; BH q = 5 %; margin {}", runs, anchored,
                     fmt::join(margins, ", "));
}

std::string header(const Diff& diff, const report::TextStyle& style) {
  std::string text = fmt::format("{}: base {} → head {}\n",
                                 paint(printable(diff.scenario), Colour::kBold, style.colour),
                                 printable(diff.base_id), printable(diff.head_id));
  if (diff.rows.empty()) return text;
  return text + paint(method(diff), Colour::kDim, style.colour) + "\n";
}

Table table_of(const Diff& diff) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kRight, kRight, kRight, kLeft, kRight, kLeft, kLeft});
  const auto dim = [](const char* text) { return Table::Cell{text, Colour::kDim}; };
  table.add({dim("cell"), dim("metric"), dim("base"), dim("head"), dim("Δ %"), dim("95 % interval"),
             dim("p adj."), dim("verdict")});
  for (const DiffRow& row : diff.rows) {
    const bool changed =
        row.verdict == report::Verdict::kImproved || row.verdict == report::Verdict::kRegressed;
    table.add({{printable(row.cell)},
               {metric_label(row)},
               {level_text(row, row.base)},
               {level_text(row, row.head)},
               {change_text(row), changed ? Colour::kBold : Colour::kPlain},
               {interval_text(row)},
               {p_text(row)},
               {verdict_text(row), colour_of(row.verdict)},
               {row.differences.empty() ? printable(row.reason) : "", Colour::kDim}});
  }
  return table;
}

std::string means_text(const Diff& diff) {
  std::string text;
  for (const GeometricMean& mean : diff.means) {
    if (mean.cells < 2) continue;
    text += fmt::format("  geometric mean of {} over {} cells, as measured: ×{:.3f}\n", mean.label,
                        mean.cells, mean.ratio);
  }
  return text;
}

}  // namespace

std::string to_text(const Diff& diff, const report::TextStyle& style) {
  std::string text = header(diff, style) + "\n";
  if (!diff.rows.empty()) text += table_of(diff).to_text(style.colour);
  text += means_text(diff);
  text += "\n" + paint(verdict_line(diff), Colour::kBold, style.colour) + "\n";
  const auto width = static_cast<std::size_t>(std::max(style.width, 40));
  for (const std::string& remark : remarks(diff)) {
    text += "  · " + report::wrap(remark, width, 4).substr(4) + "\n";
  }
  return text;
}

}  // namespace poolbench::compare
