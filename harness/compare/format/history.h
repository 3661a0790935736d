#pragma once

#include <string>
#include <vector>

#include "compare/trend.h"
#include "report/text.h"

namespace poolbench::compare {

/// A row for each cell and metric with its trend, then the changes, newest last.
std::string to_text(const std::vector<Trend>& trends, const report::TextStyle& style);

/// Everything, names as in docs/report-reference.md.
base::Json to_json(const std::vector<Trend>& trends);

}  // namespace poolbench::compare
