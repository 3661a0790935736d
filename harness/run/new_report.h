#pragma once

#include "base/clock.h"
#include "report/report.h"
#include "run/plan.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// A report with everything that is known before the first trial; its outcome is "interrupted"
/// until the end.
report::Report new_report(const scenario::Scenario& scenario, const Plan& plan,
                          const std::string& report_id, const base::Clock& clock);

}  // namespace poolbench::run
