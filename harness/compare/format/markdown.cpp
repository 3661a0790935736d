#include "report/format/markdown.h"

#include <fmt/format.h>

#include "compare/format/render.h"

namespace poolbench::compare {
namespace {

using report::markdown_folded;
using report::markdown_text;

std::string table(const Diff& diff, bool unchanged) {
  std::string rows;
  for (const DiffRow& row : diff.rows) {
    if ((row.verdict == report::Verdict::kNoChange) != unchanged) continue;
    rows += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {}{} |\n", markdown_text(row.cell),
                        metric_label(row), level_text(row, row.base), level_text(row, row.head),
                        change_text(row), interval_text(row), p_text(row), verdict_text(row),
                        row.reason.empty() ? "" : " (" + markdown_text(row.reason) + ")");
  }
  if (rows.empty()) return {};
  return "| cell | metric | base | head | Δ % | 95 % interval | p adj. | verdict |\n"
         "| --- | --- | ---: | ---: | ---: | --- | ---: | --- |\n" +
         rows + "\n";
}

}  // namespace

std::string to_markdown(const Diff& diff) {
  const char* mark = "=";
  if (diff.count(report::Verdict::kInconclusive) > 0) mark = "?";
  if (diff.count(report::Verdict::kImproved) > 0) mark = "✓";
  if (diff.count(report::Verdict::kRegressed) > 0) mark = "✗";
  if (diff.count(report::Verdict::kIncomparable) > 0) mark = "≠";
  std::string text = fmt::format("**{} {}** in {}: `{}` → `{}`\n\n", mark, verdict_line(diff),
                                 markdown_text(diff.scenario), markdown_text(diff.base_id),
                                 markdown_text(diff.head_id));
  text += table(diff, false);
  text += markdown_folded(fmt::format("{} unchanged", diff.count(report::Verdict::kNoChange)),
                          table(diff, true));
  std::string notes;
  for (const std::string& remark : remarks(diff)) notes += "- " + markdown_text(remark) + "\n";
  return text + markdown_folded("How this was compared", notes.empty() ? notes : notes + "\n");
}

}  // namespace poolbench::compare
