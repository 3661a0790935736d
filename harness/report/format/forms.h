#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/report.h"

// Reports in forms that other programs take, and several reports beside each other.

namespace poolbench::report {

/// The reports, each of which must outlive the call.
using Reports = std::span<const Report>;

/// A row for each trial, those that do not count included: its report, scenario, cell and factors
/// (`factors.NAME`), its place in the run, its status, and every metric that any of the trials has,
/// in the unit of its name. RFC 4180; what is not known is empty.
std::string trials_csv(Reports reports);

/// A row for each cell: report, scenario, cell, factors, status, and of every metric that any of
/// the cells has its estimate, the interval's ends (`.ci_low`, `.ci_high`) and how many trials it
/// rests on (`.n`).
std::string cells_csv(Reports reports);

/// For a pull request or a wiki: the tables of the summary, the notes folded.
std::string to_markdown(const Report& report);

/// The cells of several reports beside each other: for each metric a table with a row for each
/// cell and a column for each report. Says nothing of what is a change.
struct SideBySide {
  struct Row {
    std::string cell;
    std::vector<std::string> values;  ///< by report: "1054 ±1.0 %", or "–"
  };
  struct Part {
    std::string metric;  ///< its label
    std::vector<Row> rows;
  };
  std::vector<std::string> reports;  ///< what each is: "django-pool, 2025-07-08, PostgreSQL 17.5"
  std::vector<Part> parts;
};
/// kBadInput for a metric that none of the reports knows.
base::Result<SideBySide> side_by_side(Reports reports, const std::vector<std::string>& metrics);
std::string to_text(const SideBySide& reports, bool colour);
std::string to_markdown(const SideBySide& reports);

}  // namespace poolbench::report
