#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "page/view.h"
#include "report/format/cell_texts.h"
#include "report/format/notes.h"
#include "report/format/text.h"
#include "report/metric.h"

// The answer, and what may spoil it.

namespace poolbench::page {
namespace {

using report::Report;

/// "2026-11-27T18:54:44Z" as "27 Nov 2026, 18:54 UTC"; anything else as it is.
std::string date_text(const std::string& rfc3339) {
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t kLength = 16;
  const auto two = [&](std::size_t place) {
    return (rfc3339[place] - '0') * 10 + (rfc3339[place + 1] - '0');
  };
  if (rfc3339.size() < kLength || !rfc3339.ends_with('Z')) return base::printable(rfc3339);
  const int month = two(5);
  if (month < 1 || month > static_cast<int>(kMonths.size())) return base::printable(rfc3339);
  return base::printable(fmt::format("{} {} {}, {} UTC", two(8),
                                     kMonths[static_cast<std::size_t>(month - 1)],
                                     rfc3339.substr(0, 4), rfc3339.substr(11, 5)));
}

/// "3 improved, 2 inconclusive": in the order of the words.
template <typename Results>
std::string counts_text(const Results& results) {
  using Word = decltype(results.front().verdict);
  std::vector<std::string> parts;
  for (const std::string_view word : report::Words<Word>::kAll) {
    const auto count = std::ranges::count_if(
        results, [&](const auto& result) { return word_of(result.verdict) == word; });
    if (count == 0) continue;
    std::string text = fmt::format("{} {}", count, word);
    std::ranges::replace(text, '_', ' ');
    parts.push_back(std::move(text));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string plural(std::size_t number, const char* one, const char* many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string outcome_text(const Report& report) {
  std::string text(report::word_of(report.outcome));
  std::ranges::replace(text, '_', ' ');
  return text;
}

/// The first comparison with a ratio, which is the scenario's first question.
std::optional<std::size_t> answering(const Report& report) {
  const auto found = std::ranges::find_if(
      report.comparisons, [](const auto& comparison) { return comparison.ratio.has_value(); });
  if (found == report.comparisons.end()) return std::nullopt;
  return static_cast<std::size_t>(found - report.comparisons.begin());
}

View figure_at(double value, const std::string& pointer) {
  Figure figure;
  figure.text = number_text(value);
  figure.value = value;
  figure.pointer = pointer;
  return figure.view();
}

View answer_view(const Source& source, std::size_t index) {
  const report::ComparisonResult& comparison = source.report.comparisons[index];
  const std::string place = fmt::format("/comparisons/{}/", index);
  View view;
  set_pair(view, source, comparison.baseline, comparison.candidate);
  view.set("is_rate", comparison.metric == kRate);
  view.set("metric", report::metric_label(comparison.metric, source.report.metrics));
  view.set("ratio", figure_at(*comparison.ratio, place + "ratio"));
  const bool has_interval = comparison.ci_low && comparison.ci_high;
  view.set("has_interval", has_interval);
  if (has_interval) {
    view.set("low", figure_at(*comparison.ci_low, place + "ci_low"));
    view.set("high", figure_at(*comparison.ci_high, place + "ci_high"));
  }
  view.set("verdict", verdict_view(word_of(comparison.verdict)));
  view.set("is_open", comparison.verdict == report::Verdict::kInconclusive ||
                          comparison.verdict == report::Verdict::kIncomparable);
  return view;
}

/// Without comparisons: the cell that served most.
std::optional<View> best_view(const Source& source) {
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t i = 0; i < source.report.cells.size(); ++i) {
    const auto& cell = source.report.cells[i];
    const auto* const summary = summary_of(cell, kRate);
    if (cell.status != report::CellStatus::kOk || summary == nullptr || !summary->median) continue;
    if (best && *summary->median <= most) continue;
    best = i;
    most = *summary->median;
  }
  if (!best) return std::nullopt;
  View view;
  view.set("cell", source.cells.all()[*best].view());
  view.set("rate", summary_figure(source, *best, kRate, 1, number_text).view());
  view.set("is_only", source.report.cells.size() == 1);
  return view;
}

std::string blocks_text(const report::Design& design) {
  if (!design.blocks_planned || !design.blocks_completed) return {};
  return fmt::format("{} of {}", *design.blocks_completed,
                     base::counted(*design.blocks_planned, "block"));
}

/// The program that a page is kept for: the answer in the window's title.
std::string short_answer(const Source& source) {
  const auto index = answering(source.report);
  if (!index) return outcome_text(source.report);
  const auto& comparison = source.report.comparisons[*index];
  return fmt::format(
      "×{}, {}", number_text(*comparison.ratio),
      std::string(verdict_view(word_of(comparison.verdict)).get("word")->string_value()));
}

}  // namespace

void add_header(View& page, const Source& source) {
  const Report& report = source.report;
  const std::string summary =
      report.scenario.summary.empty() ? report.scenario.name : report.scenario.summary;
  page.set("name", base::printable(report.scenario.name));
  page.set("title", base::printable(summary));
  page.set("short_answer", short_answer(source));
  page.set("date", date_text(report.started_at));
  page.set("outcome", outcome_text(report));
  page.set("is_cut_short", report.outcome != report::Outcome::kCompleted);
  page.set("report_id", base::printable(report.report_id));
  page.set("tool_version", base::printable(report.tool.version));
  const auto answer = answering(report);
  const auto best = best_view(source);
  page.set("has_answer", answer.has_value());
  page.set("has_best", !answer && best);
  page.set("has_nothing", !answer && !best);
  if (answer) page.set("answer", answer_view(source, *answer));
  if (!answer && best) page.set("best", *best);
  page.set("comparisons_number", plural(report.comparisons.size(), "comparison", "comparisons"));
  page.set("comparisons_counts", counts_text(report.comparisons));
  page.set("hypotheses_number", plural(report.hypotheses.size(), "hypothesis", "hypotheses"));
  page.set("hypotheses_counts", counts_text(report.hypotheses));
  const auto& environment = report.environment;
  page.set(
      "facts_line",
      report::join_parts(
          {blocks_text(report.design), report::load_text(report),
           environment.target ? base::printable(environment.target->name) : std::string(),
           environment.postgres ? "PostgreSQL " + base::printable(environment.postgres->version)
                                : std::string(),
           report::machine_text(report)}));
}

void add_notes(View& page, const Source& source) {
  constexpr std::size_t kLongest = 4000;
  using Kind = report::Note::Kind;
  Views notes;
  const auto add = [&](const char* kind, const std::string& what, const std::string& next) {
    View view;
    view.set("is_grave", std::string_view(kind) == "grave");
    view.set("is_warning", std::string_view(kind) == "warning");
    view.set("what", what);
    view.set("next", next);
    view.set("has_next", !next.empty());
    notes.push_back(view);
  };
  const std::string failure = source.report.environment.failure.value_or("");
  if (!failure.empty()) add("grave", base::printable(base::first_line(failure)), "");
  for (const report::Note& note : report::notes_of(source.report)) {
    add(note.kind == Kind::kLimit     ? "grave"
        : note.kind == Kind::kWarning ? "warning"
                                      : "remark",
        note.what, note.next);
  }
  Views failures;
  for (std::size_t i = 0; i < source.report.cells.size(); ++i) {
    const auto& cell = source.report.cells[i];
    if (cell.status != report::CellStatus::kFailed) continue;
    const report::Fate fate = report::fate_of(cell);
    View view = source.cells.all()[i].view();
    view.set("bad", std::to_string(fate.bad));
    view.set("all", std::to_string(fate.all));
    view.set("error", base::printable(cell.error.substr(0, kLongest), true));
    failures.push_back(view);
  }
  page.set("has_notes", !notes.empty());
  page.set("notes", View(notes));
  page.set("has_failures", !failures.empty());
  page.set("failures", View(failures));
}

}  // namespace poolbench::page
