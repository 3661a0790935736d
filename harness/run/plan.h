#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "scenario/scenario.h"

namespace poolbench::run {

/// The order of the cells in a block: an independent random permutation for each block, which
/// depends on nothing but these three numbers and is the same on every machine.
std::vector<std::size_t> block_order(std::uint64_t seed, int block, std::size_t cells);

/// What the trial is expected to take: warm-up and measuring, with the leads and tails of its
/// turns, and about a second and a half to start and stop.
base::Duration estimate(const scenario::Cell& cell);

/// Of a whole run, its pilots included.
struct TimeEstimate {
  base::Duration least{};    ///< with design.precision, with the blocks it begins with
  base::Duration most{};     ///< with design.precision, with the most blocks; else the same
  base::Duration longest{};  ///< those, where the machine disturbs every trial each time
};
TimeEstimate estimate(const scenario::Scenario& scenario);

}  // namespace poolbench::run
