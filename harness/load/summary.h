#pragma once

#include <span>

#include "load/course.h"
#include "load/tally.h"
#include "load/worker.h"
#include "report/measurement.h"

namespace poolbench::load {

/// What a run saw, all threads together.
struct Harvest {
  Tally tally;
  Window window;
  std::vector<ThreadUse> uses;
  base::Duration cpu{};  ///< user + system of the process, within the window and its draining
  std::uint64_t peak_rss_bytes = 0;
  bool interrupted = false;
};

/// The measurement in the report's words.
report::Measurement summarise(const Harvest& harvest, const Options& options);

}  // namespace poolbench::load
