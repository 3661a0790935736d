#pragma once

#include <string>
#include <vector>

#include "report/look_up.h"
#include "report/text.h"

// The parts of to_text(report), in the order in which it puts them together. Each ends with a
// newline, or is empty when there is nothing to say.

namespace poolbench::report {

/// The tail that the table shows.
inline constexpr const char* kTail = "latency_p99_us";

std::string header_text(const Report& report, const TextStyle& style);
std::string cells_text(const Report& report, const TextStyle& style);
std::string comparisons_text(const Report& report, const TextStyle& style);
std::string hypotheses_text(const Report& report, const TextStyle& style);
/// What the latencies of several generators mean; nothing when there is only one.
std::string generators_text(const Report& report, const TextStyle& style);
std::string published_text(const Report& report, const TextStyle& style);
std::string notes_text(const Report& report, const TextStyle& style);

/// A setting's value: a string without its quotes, anything else as JSON.
std::string value_text(const base::Json& value);

/// "PostgreSQL 17.5 · django 5.2.17": what is not empty, with middle dots between.
std::string join_parts(const std::vector<std::string>& parts);

}  // namespace poolbench::report
