#pragma once

#include <string>

#include "page/cells.h"
#include "page/figure.h"
#include "report/report.h"

// What the template is filled with: one function for each section of a page. Numbers, names and
// pictures; the words between them stand in the template.

namespace poolbench::page {

inline constexpr const char* kRate = "throughput_requests_per_second";
inline constexpr double kMsPerUs = 0.001;

/// Processor time: two decimals of ms.
std::string cpu_text(double ms);

/// A report with what several sections need of it.
struct Source {
  const report::Report& report;
  const Cells cells;
  explicit Source(const report::Report& of) : report(of), cells(of) {}
};

/// Why nobody knows a cell's value of the metric.
std::string why_unknown(const report::CellReport& cell, const std::string& metric);

/// The summary of a cell as the report has it; null if there is none.
const report::Summary* summary_of(const report::CellReport& cell, const std::string& metric);

/// A cell's value of a metric × `factor`, with `text` for its words, its interval and its pointer.
Figure summary_figure(const Source& source, std::size_t cell, const std::string& metric,
                      double factor, std::string (*text)(double));

/// A pair of cells: {baseline, candidate, shared}, with what both have in common apart.
void set_pair(View& view, const Source& source, const std::string& baseline,
              const std::string& candidate);

/// {mark, word, class} of "improved", "confirmed" and the like.
View verdict_view(std::string_view verdict);

/// Hodges–Lehmann estimate of finite values; null without any.
std::optional<double> centre_of(const std::vector<double>& values);

void add_header(View& page, const Source& source);       // view_header.cpp
void add_notes(View& page, const Source& source);        // view_header.cpp
void add_cells(View& page, const Source& source);        // view_cells.cpp
void add_endpoints(View& page, const Source& source);    // view_cells.cpp
void add_comparisons(View& page, const Source& source);  // view_comparisons.cpp
void add_hypotheses(View& page, const Source& source);   // view_comparisons.cpp
void add_time(View& page, const Source& source);         // view_time.cpp
void add_budget(View& page, const Source& source);       // view_budget.cpp
void add_series(View& page, const Source& source);       // view_time.cpp
void add_latency(View& page, const Source& source);      // view_latency.cpp
void add_setup(View& page, const Source& source);        // view_setup.cpp

}  // namespace poolbench::page
