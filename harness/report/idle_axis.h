#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace poolbench::report {

/// An axis that seems to have changed nothing.
struct IdleAxis {
  std::string name;
  std::vector<base::Json> values;
};

/// The axes under target.params whose values all gave the same sessions/request and the same rate:
/// in cells that differ in nothing else, paired by block (at least 6), the 95 % interval of the
/// ratio of their rates holds 1, and that of the difference of sessions/request holds 0 or is about
/// less than one request in a hundred. An axis that a comparison or a hypothesis speaks of is left
/// out: it has its verdict.
std::vector<IdleAxis> idle_axes(const Report& report);

}  // namespace poolbench::report
