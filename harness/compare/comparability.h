#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace poolbench::compare {

/// A fact on which two reports do not agree; both values in words, "unknown" for null or absent.
struct Difference {
  std::string field;  ///< dotted path: "environment.postgres.version"
  std::string base, head;
};

/// What stands between two reports and a comparison (docs/method.md, "Guards").
struct Conditions {
  std::vector<Difference> blocking;  ///< must match: no comparison makes sense
  std::vector<Difference> notable;   ///< may explain a difference: a warning
  std::vector<Difference> changed;   ///< probably what is being compared: versions under test
};

/// The conditions that hold for all cells of the reports.
/// `same_run`: the reports are sides of one run, where the code under test may lie in the files
/// that make the data, and the sides' target.toml may name different variables.
Conditions compare_conditions(const report::Report& base, const report::Report& head,
                              bool same_run = false);

/// The settings in which two cells of the same id differ, less those under a `factor` (a dotted
/// path such as "target.params.pool"), and the generator and loop that their trials really had.
std::vector<Difference> compare_settings(const report::CellReport& base,
                                         const report::CellReport& head,
                                         const std::vector<std::string>& factors);

/// kBadInput, with the nearest path there is, for a factor under which no cell of either report has
/// a setting.
base::Result<void> check_factors(const report::Report& base, const report::Report& head,
                                 const std::vector<std::string>& factors);

/// The same for two reports' cells of one id when nothing stands between them and a comparison: a
/// hash over everything that must match, of the cell and of the one it is related to (null: none).
/// What only one side knows makes it differ.
std::string conditions_key(const report::Report& report, const report::CellReport& cell,
                           const report::CellReport* anchor);

}  // namespace poolbench::compare
