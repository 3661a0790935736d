#pragma once

#include <optional>
#include <string>

#include "compare/between_reports.h"
#include "report/text.h"

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

/// "1 regressed, 3 no change": the verdicts that occur, worst first; "no cell to compare" if none.
std::string verdict_line(const Diff& diff);

}  // namespace poolbench::compare
