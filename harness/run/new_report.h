#pragma once

#include <optional>

#include "base/time.h"
#include "report/report.h"
#include "run/adaptation.h"
#include "run/schedule.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// A report with everything that is known before the first trial; its outcome is "interrupted"
/// until the end.
report::Report new_report(const scenario::Scenario& scenario, const std::string& report_id,
                          const base::Clock& clock);

/// Report::design as the run stands.
report::Design design_of(const scenario::Scenario& scenario, const Schedule& schedule,
                         const Pilots& pilots, std::optional<base::Duration> max_time);

}  // namespace poolbench::run
