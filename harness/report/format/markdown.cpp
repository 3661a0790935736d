#include "report/format/markdown.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/format/cell_texts.h"
#include "report/format/forms.h"
#include "report/format/notes.h"
#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::report {
namespace {

std::string head_of(const Report& report) {
  std::string text = fmt::format("**{}**", markdown_text(report.scenario.name));
  if (!report.scenario.summary.empty()) text += ": " + markdown_text(report.scenario.summary);
  text += "\n\n";
  for (const auto& [label, line] : header_lines(report, {})) {
    text += fmt::format("- {}{}{}\n", label, *label == '\0' ? "" : ": ", markdown_text(line));
  }
  return text + "\n";
}

std::string cells_of(const Report& report) {
  std::string text = markdown_row({"cell", "requests/s", "± 95 %", "to base", "p50 ms", "p99 ms",
                                   "sessions/request", "peak conn.",
                                   has_services(report) ? "CPU ms/request: target+PG+gen.+services"
                                                        : "CPU ms/request: target+PG+gen.",
                                   "errors"});
  text += "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n";
  for (const CellReport& cell : report.cells) {
    const CellTexts texts = cell_texts(report, cell);
    std::vector<std::string> row{cell.id};
    row.insert(row.end(), {texts.rate, texts.precision, texts.ratio, texts.p50, texts.p99,
                           texts.sessions, texts.peak, texts.cpu, texts.errors});
    for (std::string& field : row) field = markdown_text(field);
    text += markdown_row(row);
  }
  for (const CellReport& cell : report.cells) {
    if (cell.status != CellStatus::kFailed) continue;
    const std::string first = cell.error.substr(0, cell.error.find('\n'));
    text += fmt::format("\n✗ {}: {}\n", markdown_text(cell.id), markdown_text(first));
  }
  return text + "\n";
}

std::string comparisons_of(const Report& report) {
  if (report.comparisons.empty()) return {};
  std::string text =
      "**Comparisons** (candidate ÷ baseline, paired by block)\n\n"
      "| comparison | cells | metric | ratio | 95 % interval | verdict | |\n"
      "| --- | --- | --- | ---: | --- | --- | --- |\n";
  std::vector<std::string> why;
  for (const ComparisonResult& comparison : report.comparisons) {
    const Contrast both = contrast(report, comparison.baseline, comparison.candidate);
    std::vector<std::string> remarks;
    if (!both.shared.empty()) remarks.push_back(both.shared);
    if (comparison.published_ratio) {
      remarks.push_back("published ×" + format_number(*comparison.published_ratio));
    }
    if (!comparison.reason.empty()) remarks.push_back(comparison.reason);
    std::vector<std::string> row{comparison.name,
                                 both.different,
                                 metric_label(comparison.metric, report.metrics),
                                 comparison.ratio ? "×" + format_number(*comparison.ratio) : "–",
                                 interval_text(comparison.ci_low, comparison.ci_high),
                                 verdict_cell(comparison.verdict).text,
                                 fmt::format("{}", fmt::join(remarks, "; "))};
    for (std::string& field : row) field = markdown_text(field);
    text += markdown_row(row);
    if (!comparison.explanation || comparison.explanation->text.empty()) continue;
    const std::string sentence = markdown_text(comparison.explanation->text);
    if (std::ranges::find(why, sentence) == why.end()) why.push_back(sentence);
  }
  text += "\n";
  for (const std::string& sentence : why) text += "- Why: " + sentence + "\n";
  return text + (why.empty() ? "" : "\n");
}

std::string hypotheses_of(const Report& report) {
  if (report.hypotheses.empty()) return {};
  std::string text =
      "| hypothesis | | claimed | found, 95 % interval |\n| --- | --- | --- | --- |\n";
  for (const HypothesisResult& hypothesis : report.hypotheses) {
    std::vector<std::string> found;
    for (const EvidenceTexts& each : evidence_texts(report, hypothesis.evidence)) {
      std::string line = each.where;
      for (const std::string& part : {each.estimate, each.interval, each.note}) {
        if (!part.empty()) line += " " + part;
      }
      found.push_back(markdown_text(line));
    }
    text += markdown_row({markdown_text(hypothesis.claim), verdict_cell(hypothesis.verdict).text,
                          markdown_text(claim_text(hypothesis.evidence, report.metrics)),
                          fmt::format("{}", fmt::join(found, "<br>"))});
  }
  return text + "\n";
}

std::string notes(const Report& report) {
  std::string text;
  for (const Note& note : notes_of(report)) {
    text += fmt::format("- {}{}\n", markdown_text(note.what),
                        note.next.empty() ? "" : " " + markdown_text(note.next));
  }
  return markdown_folded("Notes", text.empty() ? text : text + "\n");
}

}  // namespace

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_{}[]<>#|~&!").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string markdown_row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string markdown_folded(const std::string& line, const std::string& content) {
  if (content.empty()) return {};
  return fmt::format("<details><summary>{}</summary>\n\n{}</details>\n", line, content);
}

std::string to_markdown(const Report& report) {
  return head_of(report) + cells_of(report) + comparisons_of(report) + hypotheses_of(report) +
         notes(report);
}

}  // namespace poolbench::report
