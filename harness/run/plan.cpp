#include "run/plan.h"

#include <numeric>
#include <random>
#include <utility>

#include "generator/turns.h"
#include "run/pilots.h"
#include "run/schedule.h"

namespace poolbench::run {
namespace {

constexpr base::Duration kStartAndStop = std::chrono::milliseconds(1500);

/// Unbiased number in [0, bound): std::uniform_int_distribution differs between libraries.
std::uint64_t below(std::mt19937_64& generator, std::uint64_t bound) {
  const std::uint64_t rejected_from = generator.max() - generator.max() % bound;
  std::uint64_t number = generator();
  while (number >= rejected_from) number = generator();
  return number % bound;
}

}  // namespace

std::vector<std::size_t> block_order(std::uint64_t seed, int block, std::size_t cells) {
  // seed_seq is specified to the last bit, and blocks with neighbouring numbers have nothing in
  // common.
  std::seed_seq numbers{seed & 0xffffffffU, seed >> 32U, static_cast<std::uint64_t>(block)};
  std::mt19937_64 generator(numbers);
  std::vector<std::size_t> order(cells);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t left = cells; left > 1; --left) {  // Fisher–Yates
    std::swap(order[left - 1], order[below(generator, left)]);
  }
  return order;
}

base::Duration estimate(const scenario::Cell& cell) {
  const base::Duration load = cell.load.warmup + cell.load.measure;
  return kStartAndStop + (cell.load.slice ? generator::turn_length(load) : load);
}

TimeEstimate estimate(const scenario::Scenario& scenario) {
  base::Duration pilots{}, block{};
  for (const scenario::Cell& cell : scenario.cells) {
    block += estimate(cell);
    if (cell.load.warmup_by_pilots) pilots += estimate(pilot_of(cell));
  }
  const auto& design = scenario.design;
  const int most = design.precision ? design.max_blocks : design.blocks;
  return {pilots + design.blocks * block, pilots + most * block,
          pilots + most * (1 + kMostAgain) * block};
}

}  // namespace poolbench::run
