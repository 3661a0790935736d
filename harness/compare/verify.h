#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace poolbench::compare {

/// Something in a report that does not follow from the rest of it.
struct Finding {
  std::string where;  ///< "cells[0].trials[3].requests"
  std::string problem;
};

/// Recomputes what a report says from what it measured: content_sha256, counts (sent = ok + Σ
/// errors), throughput, histogram totals and quantiles, sessions per request, every summary, cell
/// status, comparison and hypothesis. `report` is what `document` was read as. Empty: all is well.
std::vector<Finding> verify(const base::Json& document, const report::Report& report);

/// What verify() could not recompute, since the report leaves out what it follows from, in words.
/// Empty: it recomputed everything.
std::string unverified(const report::Report& report);

/// What verify() says of one trial at the place `where`. In a compact report the native generator's
/// rates follow from nothing.
void verify_trial(const report::Trial& trial, bool compact, const std::string& where,
                  std::vector<Finding>& findings);

/// Equal but for rounding in the last digits: values from another compiler's mathematics.
bool nearly_equal(double a, double b);

}  // namespace poolbench::compare
