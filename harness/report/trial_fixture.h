#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/file.h"
#include "report/report.h"
#include "stats/histogram.h"

// Trials made up for tests, and the reports that are kept for them.

namespace poolbench::report {

inline const std::string kTestdata =
    std::string(POOLBENCH_SOURCE_DIR) + "/harness/report/testdata/";

inline std::string golden_text() { return base::read_file(kTestdata + "report-1.2.json").value(); }

/// A trial with this rate and nothing else.
inline Trial trial_with_rate(double rate, TrialStatus status = TrialStatus::kOk) {
  Trial trial;
  trial.status = status;
  trial.measurement.emplace().throughput_requests_per_second = rate;
  return trial;
}

/// A good trial that answered `count` times, one in fifty of them slowly.
inline Trial trial_with_answers(std::uint64_t count, std::uint64_t slow_us = 9000) {
  Trial trial = trial_with_rate(100);
  stats::Histogram us;
  us.record(1000, count - count / 50);
  us.record(slow_us, count / 50);
  trial.measurement->measured_seconds = 3;
  trial.measurement->latency_us = quantiles_of(us);
  trial.measurement->latency_hdr_v2_base64 = us.encode();
  return trial;
}

/// An empty one if the cell has none of that metric.
inline const Summary& summary_of(const CellReport& cell, const std::string& metric) {
  static const Summary kNone;
  const auto found = std::ranges::find(cell.summary, metric, &Summary::metric);
  return found == cell.summary.end() ? kNone : *found;
}

inline Quantiles a_median(double us, std::uint64_t count) {
  Quantiles quantiles;
  quantiles.count = count;
  quantiles.p50 = us;
  return quantiles;
}

/// A good trial of a mix of two endpoints: "order" has errors and a p99 that was withheld.
inline Trial mixed_trial() {
  Trial trial;
  trial.status = TrialStatus::kOk;
  Measurement& measured = trial.measurement.emplace();
  measured.requests.sent = 100;
  measured.requests.ok = 96;
  measured.requests.errors = {{"status_5xx", 4}};
  EndpointFigures& order = measured.endpoints["order"];
  order = {10, 6, {{"status_5xx", 4}}, 3, a_median(8000, 2000), {{"p99", "too much waiting"}}};
  measured.endpoints["ci.ty"] = {90, 90, {}, 45, a_median(2000, 90), {}};
  return trial;
}

}  // namespace poolbench::report
