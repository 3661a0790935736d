#pragma once

#include "report/budget.h"

namespace poolbench::scenario {
struct Cell;
}

namespace poolbench::run {

/// What the time budget of a cell's trials follows from beside what is measured of them.
report::BudgetRules budget_rules(const scenario::Cell& cell);

}  // namespace poolbench::run
