#include <fmt/format.h>

#include "compare/format/render.h"
#include "report/paint.h"

namespace poolbench::compare {
namespace {

/// Text that Markdown shows as it is, within a table cell too.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : report::printable(text)) {
    if (std::string_view("\\`*_{}[]<>#|~&!").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string table(const Diff& diff, bool unchanged) {
  std::string rows;
  for (const DiffRow& row : diff.rows) {
    if ((row.verdict == report::Verdict::kNoChange) != unchanged) continue;
    rows += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {}{} |\n", plain(row.cell),
                        metric_label(row), level_text(row, row.base), level_text(row, row.head),
                        change_text(row), interval_text(row), p_text(row), verdict_text(row),
                        row.reason.empty() ? "" : " (" + plain(row.reason) + ")");
  }
  if (rows.empty()) return {};
  return "| cell | metric | base | head | Δ % | 95 % interval | p adj. | verdict |\n"
         "| --- | --- | ---: | ---: | ---: | --- | ---: | --- |\n" +
         rows + "\n";
}

std::string folded(const std::string& summary, const std::string& content) {
  if (content.empty()) return {};
  return fmt::format("<details><summary>{}</summary>\n\n{}</details>\n", summary, content);
}

}  // namespace

std::string to_markdown(const Diff& diff) {
  const char* mark = "=";
  if (diff.count(report::Verdict::kInconclusive) > 0) mark = "?";
  if (diff.count(report::Verdict::kImproved) > 0) mark = "✓";
  if (diff.count(report::Verdict::kRegressed) > 0) mark = "✗";
  if (diff.count(report::Verdict::kIncomparable) > 0) mark = "≠";
  std::string text = fmt::format("**{} {}** in {}: `{}` → `{}`\n\n", mark, verdict_line(diff),
                                 plain(diff.scenario), plain(diff.base_id), plain(diff.head_id));
  text += table(diff, false);
  text += folded(fmt::format("{} unchanged", diff.count(report::Verdict::kNoChange)),
                 table(diff, true));
  std::string notes;
  for (const std::string& remark : remarks(diff)) notes += "- " + plain(remark) + "\n";
  return text + folded("How this was compared", notes.empty() ? notes : notes + "\n");
}

}  // namespace poolbench::compare
