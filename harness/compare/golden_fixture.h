#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "compare/between_reports.h"
#include "report/report.h"

// Two runs made from the report room's golden report, for this room's tests.

namespace poolbench::compare::fixture {

inline std::string golden_text() {
  return base::read_file(std::string(POOLBENCH_SOURCE_DIR) +
                         "/harness/report/testdata/report-1.0.json")
      .value();
}

inline report::Report golden() {
  static const report::Report report = report::parse_report(golden_text()).value();
  return report;
}

inline std::string id_of(const std::string& variant) { return "variant=" + variant + ",workers=2"; }

inline report::CellReport& cell_of(report::Report& report, const std::string& variant) {
  for (report::CellReport& cell : report.cells) {
    if (cell.id == id_of(variant)) return cell;
  }
  return report.cells.at(0);
}

/// Multiplies the throughput of a cell in every trial.
inline void scale(report::CellReport& cell, double factor) {
  for (report::Trial& trial : cell.trials) {
    if (trial.measurement) trial.measurement->throughput_requests_per_second *= factor;
  }
  report::summarise(cell);
}

inline const DiffRow& row_of(const Diff& diff, std::string_view variant) {
  for (const DiffRow& row : diff.rows) {
    if (row.cell == id_of(std::string(variant))) return row;
  }
  return diff.rows.at(0);
}

}  // namespace poolbench::compare::fixture
