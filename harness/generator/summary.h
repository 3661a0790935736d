#pragma once

#include <span>

#include "generator/run_window.h"
#include "generator/thread_stats.h"
#include "generator/worker.h"
#include "report/measurement.h"

namespace poolbench::generator {

/// What a run saw, all threads together.
struct Totals {
  ThreadStats stats;
  Window window;
  std::vector<ThreadUse> uses;
  base::Duration cpu{};  ///< user + system of the process, within the window and its draining
  std::uint64_t peak_rss_bytes = 0;
  bool interrupted = false;
};

/// The measurement in the report's words.
report::Measurement summarise(const Totals& totals, const Options& options);

}  // namespace poolbench::generator
