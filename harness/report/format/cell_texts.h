#pragma once

#include <string>

#include "report/report.h"

// The figures of a cell as texts, the same in every form in which a report is shown.

namespace poolbench::report {

/// The metric by which cells are ranked.
inline constexpr const char* kRate = "throughput_requests_per_second";
/// The tail that tables show.
inline constexpr const char* kTail = "latency_p99_us";
/// Stands for what is not known.
inline constexpr const char* kUnknown = "–";
inline constexpr double kMillisecondsPerMicrosecond = 0.001;

/// The row of a cell in a table of all cells. What is empty has nothing to say; "–" is unknown.
struct CellTexts {
  bool has_rate = false;
  std::string rate;       ///< "1054", or why there is none: "failed", "not run", "no rate"
  std::string precision;  ///< "±1.0 %", or "3 trials"
  std::string ratio;      ///< to the base of the first comparison: "×5.41", or "base"
  std::string p50, p99;   ///< in ms; p99 with "*" (of all answers together) or "≤"
  std::string sessions;   ///< per request
  std::string peak;       ///< of connections: "≥5" where there may have been more between samples
  std::string cpu;        ///< ms per request: "0.63+0.12+0.05" (target, PostgreSQL, generator)
  std::string errors;     ///< "12 errors, 1 of 10 do not count"
};
CellTexts cell_texts(const Report& report, const CellReport& cell);

/// Whether a cell of the report has services: then the CPU time of them stands last in `cpu`.
bool has_services(const Report& report);

/// Of a metric that has a value; null without one.
const Summary* find_summary(const CellReport& cell, const std::string& metric);
/// The value of a metric in its display unit, or "–".
std::string value_of(const CellReport& cell, const std::string& metric);

/// What became of a cell's trials: those that were run again or interrupted do not count here.
struct Fate {
  std::ptrdiff_t all = 0, disturbed = 0, bad = 0;
};
Fate fate_of(const CellReport& cell);
/// Bad answers over all trials, and trials that were disturbed or do not count; empty if there are
/// none.
std::string errors_text(const CellReport& cell);

}  // namespace poolbench::report
