#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "scenario/scenario.h"

namespace poolbench::run {

struct PlannedTrial {
  int block = 0;
  int position = 0;      ///< within the block
  std::size_t cell = 0;  ///< index into Scenario::cells
};

/// The order of all trials: randomised complete blocks.
struct Plan {
  std::uint64_t seed = 0;
  std::vector<PlannedTrial> trials;
};

/// Each block is an independent random permutation of the cells (Fisher–Yates over mt19937_64, so a
/// seed gives the same order on every machine). `fallback_seed` is used when the scenario sets
/// none.
Plan make_plan(const scenario::Scenario& scenario, std::uint64_t fallback_seed);

/// What the trial is expected to take: warm-up, measuring, and about a second and a half to start
/// and stop.
base::Duration estimate(const scenario::Cell& cell);
/// Of all trials from number `first` on.
base::Duration estimate(const scenario::Scenario& scenario, const Plan& plan,
                        std::size_t first = 0);

}  // namespace poolbench::run
