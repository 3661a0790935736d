#pragma once

#include <span>
#include <string>
#include <vector>

#include "compare/between_reports.h"
#include "report/format/text.h"

namespace poolbench::compare {

/// For a terminal: what was compared, a row for each cell and metric, what is to be known of it.
std::string to_text(const Diff& diff, const report::TextStyle& style);

/// For a pull request: the verdict in one line, what changed and what is open, the rest folded.
std::string to_markdown(const Diff& diff);

/// Everything, names as in docs/report-reference.md.
base::Json to_json(const Diff& diff);

/// One test case a row: regressed is a failure, incomparable an error, inconclusive skipped.
std::string to_junit(const Diff& diff);

/// Workflow commands of GitHub Actions: an error, warning or notice for each row that is not
/// unchanged.
std::string to_github(const Diff& diff);

/// The head's figures for Bencher, as report::to_bencher.
base::Json to_bencher(const Diff& diff);
/// The same for github-action-benchmark; the verdict stands in `extra`. kBadInput as there.
base::Result<base::Json> to_github_action_benchmark(const Diff& diff);

/// "1 regressed, 3 no change": the verdicts that occur, worst first; "no cell to compare" if none.
std::string verdict_line(const Diff& diff);

/// A form of a diff by its name. One more is a file here, and a row of the table in render.cpp.
struct DiffFormat {
  const char* name;
  base::Result<std::string> (*render)(const Diff& diff, const report::TextStyle& style);
};
/// The default one first.
std::span<const DiffFormat> diff_formats();

// Pieces of text that the forms share.

/// "requests/s".
std::string metric_label(const DiffRow& row);
/// "1054 ±1.0 %", "1054 (n=3)" without an interval, "257 pooled" without an estimate, "–" without a
/// value.
std::string level_text(const DiffRow& row, const Level& level);
/// "−5.3 %", or "–".
std::string change_text(const DiffRow& row);
/// "[−6.2, −3.9]" in per cent, or empty.
std::string interval_text(const DiffRow& row);
/// ".002", "<.001", or empty.
std::string p_text(const DiffRow& row);
/// "✗ regressed".
std::string verdict_text(const DiffRow& row);
/// What a reader has to know of the diff as a whole, a sentence each.
std::vector<std::string> remarks(const Diff& diff);

/// A row for each cell and metric with its trend, then the changes, newest last.
std::string to_text(const std::vector<Trend>& trends, const report::TextStyle& style);

/// Everything, names as in docs/report-reference.md.
base::Json to_json(const std::vector<Trend>& trends);

}  // namespace poolbench::compare
