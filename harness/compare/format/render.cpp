
#include "compare/format/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/format/paint.h"
#include "report/metric.h"

namespace poolbench::compare {
namespace {

using report::printable;

/// With the true minus sign, which is as wide as the plus.
std::string percent(double ratio, bool sign) {
  const double value = 100 * (ratio - 1);
  const double size = std::abs(value);
  const std::string digits = fmt::format(fmt::runtime(size < 99.95 ? "{:.1f}" : "{:.0f}"), size);
  const bool zero = digits == "0.0";
  return (zero ? "" : value < 0 ? "−" : sign ? "+" : "") + digits;
}

std::string list(const std::vector<Difference>& differences) {
  std::vector<std::string> parts;
  for (const Difference& difference : differences) {
    parts.push_back(
        printable(fmt::format("{}: {} → {}", difference.field, difference.base, difference.head)));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string cells(const std::vector<std::string>& ids) {
  return printable(fmt::format("{}", fmt::join(ids, "; ")));
}

void add_anchor_remarks(const Diff& diff, std::vector<std::string>& remarks) {
  if (diff.anchor.empty()) return;
  remarks.push_back(
      fmt::format("Changes are relative to the anchor {}, whose own row is not; so what made all "
                  "cells faster or "
                  "slower shows in that row alone.",
                  printable(diff.anchor)));
  for (const DiffRow& row : diff.rows) {
    if (row.cell != diff.anchor ||
        (row.verdict != report::Verdict::kImproved && row.verdict != report::Verdict::kRegressed))
      continue;
    remarks.push_back(
        fmt::format("The anchor itself {} ({} {}): see the other rows with --anchor none too.",
                    report::word_of(row.verdict), metric_label(row), change_text(row) + " %"));
  }
}

std::string source_words(const RunSpread& spread) {
  if (spread.source == "given") return "as given";
  if (spread.source == "history") return fmt::format("from {} earlier runs", spread.runs);
  if (spread.source == "aa_study") {
    return fmt::format("from {} runs of this machine's A/A study", spread.runs);
  }
  if (spread.source == "blocks") return "as far as the blocks of a cell without an anchor do";
  return "assumed: too little is known of this machine yet";
}

/// One spread for all rows, or their range where each has its own; and what would settle the rest.
void add_spread_remark(const Diff& diff, std::vector<std::string>& remarks) {
  std::vector<std::string> sources;
  double least = diff.rows.front().spread.relative, most = least;
  for (const DiffRow& row : diff.rows) {
    least = std::min(least, row.spread.relative);
    most = std::max(most, row.spread.relative);
    const auto words = source_words(row.spread);
    if (std::find(sources.begin(), sources.end(), words) == sources.end()) sources.push_back(words);
  }
  const std::string size =
      least == most ? fmt::format("±{:.3g} %", 100 * most)
                    : fmt::format("±{:.3g} … ±{:.3g} %, by cell,", 100 * least, 100 * most);
  std::string remark = fmt::format(
      "Two runs are taken to differ by up to {} in 95 of 100 "
      "cases ({}).",
      size, fmt::join(sources, "; "));
  const bool open = std::any_of(diff.rows.begin(), diff.rows.end(), [](const DiffRow& row) {
    return row.verdict == report::Verdict::kInconclusive && row.ratio;
  });
  if (open) {
    remark += fmt::format(
        " More blocks cannot settle what is smaller. What would: both sides in one "
        "run (poolbench diff --rerun), or, for a spread that is known, {} runs of the same "
        "scenario and "
        "`poolbench history`.",
        kFewestRuns);
  }
  remarks.push_back(std::move(remark));
}

void add_margin_remark(const Diff& diff, std::vector<std::string>& remarks) {
  for (const DiffRow& row : diff.rows) {
    if (!row.margin_is_noise) continue;
    remarks.push_back(
        fmt::format("The margin of {} is {:.3g} %: so far do equals differ within a run of "
                    "this machine's A/A study in 5 of 100 cases.",
                    metric_label(row), 100 * row.margin));
    return;
  }
}

}  // namespace

std::string metric_label(const DiffRow& row) { return row.definition.label; }

std::string level_text(const DiffRow& row, const Level& level) {
  if (level.pooled) return report::format_value(row.definition, *level.pooled) + " pooled";
  if (!level.median) return "–";
  const std::string value = report::format_value(row.definition, *level.median);
  if (!level.ci_low || !level.ci_high || *level.median <= 0) {
    return fmt::format("{} (n={})", value, level.n);
  }
  return value + " " + report::half_width_text(*level.median, *level.ci_low, *level.ci_high);
}

std::string change_text(const DiffRow& row) { return row.ratio ? percent(*row.ratio, true) : "–"; }

std::string interval_text(const DiffRow& row) {
  if (!row.ci_low || !row.ci_high) return {};
  return fmt::format("[{}, {}]", percent(*row.ci_low, true), percent(*row.ci_high, true));
}

std::string p_text(const DiffRow& row) {
  if (!row.p_adjusted) return {};
  if (*row.p_adjusted < 0.001) return "<.001";
  if (*row.p_adjusted > 0.9995) return "1";
  return fmt::format("{:.3f}", *row.p_adjusted).substr(1);
}

std::string verdict_text(const DiffRow& row) {
  return report::verdict_cell(row.verdict).text + (row.strict ? ", strict" : "");
}

std::string verdict_line(const Diff& diff) {
  std::vector<std::string> parts;
  using enum report::Verdict;
  for (const report::Verdict verdict :
       {kIncomparable, kRegressed, kImproved, kInconclusive, kNoChange}) {
    const int count = diff.count(verdict);
    const bool unchanged = verdict == kNoChange;
    if (count > 0) {
      parts.push_back(
          fmt::format("{} {}", count, unchanged ? "no change" : report::word_of(verdict)));
    }
  }
  return parts.empty() ? "no cell to compare" : fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> remarks(const Diff& diff) {
  std::vector<std::string> remarks;
  if (const auto& blocking = diff.conditions.blocking; !blocking.empty()) {
    remarks.push_back("The reports are incomparable, base → head: " + list(blocking) + ".");
  }
  for (const DiffRow& row : diff.rows) {
    if (row.differences.empty()) continue;
    remarks.push_back(fmt::format(
        "{} is incomparable, base → head: {}. If that is what you want to compare, name it with "
        "--factor.",
        printable(row.cell), list(row.differences)));
  }
  if (!diff.conditions.notable.empty()) {
    remarks.push_back("This differs too and may explain something, base → head: " +
                      list(diff.conditions.notable) + ".");
  }
  if (!diff.conditions.changed.empty()) {
    remarks.push_back("Under test, base → head: " + list(diff.conditions.changed) + ".");
  }
  for (const std::string& side : diff.disturbances) remarks.push_back(printable(side));
  if (!diff.only_in_base.empty())
    remarks.push_back("Only in base: " + cells(diff.only_in_base) + ".");
  if (!diff.only_in_head.empty())
    remarks.push_back("Only in head: " + cells(diff.only_in_head) + ".");
  add_anchor_remarks(diff, remarks);
  if (!diff.rows.empty() && diff.conditions.blocking.empty()) {
    if (!diff.same_run) add_spread_remark(diff, remarks);
    add_margin_remark(diff, remarks);
  }
  return remarks;
}

namespace {

std::string file(const base::Json& json) { return base::json_dump(json, 2) + "\n"; }

}  // namespace

std::span<const DiffFormat> diff_formats() {
  using report::TextStyle;
  using Text = base::Result<std::string>;
  static const std::array formats{
      DiffFormat{
          "text",
          [](const Diff& diff, const TextStyle& style) -> Text { return to_text(diff, style); }},
      DiffFormat{"markdown",
                 [](const Diff& diff, const TextStyle&) -> Text { return to_markdown(diff); }},
      DiffFormat{"json",
                 [](const Diff& diff, const TextStyle&) -> Text { return file(to_json(diff)); }},
      DiffFormat{"junit",
                 [](const Diff& diff, const TextStyle&) -> Text { return to_junit(diff); }},
      DiffFormat{"github",
                 [](const Diff& diff, const TextStyle&) -> Text { return to_github(diff); }},
      DiffFormat{"bencher",
                 [](const Diff& diff, const TextStyle&) -> Text { return file(to_bencher(diff)); }},
      DiffFormat{"github-action-benchmark", [](const Diff& diff, const TextStyle&) -> Text {
                   return to_github_action_benchmark(diff).map(file);
                 }}};
  return formats;
}

}  // namespace poolbench::compare
