#pragma once

#include <string>

namespace poolbench::e2e {

/// What results/schema/report.schema.json has against a report's text; empty if nothing.
std::string schema_complaints(const std::string& report_text);

}  // namespace poolbench::e2e
