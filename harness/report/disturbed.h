#pragma once

#include <string>

#include "report/report.h"

namespace poolbench::report {

/// One sentence on how many trials the machine disturbed each time they ran, by what, and what
/// became of them; empty if none.
std::string disturbance_text(const Report& report);

}  // namespace poolbench::report
