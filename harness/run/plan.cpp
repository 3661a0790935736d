#include "run/plan.h"

#include <numeric>
#include <random>
#include <utility>

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

Plan make_plan(const scenario::Scenario& scenario, std::uint64_t fallback_seed) {
  Plan plan;
  plan.seed = scenario.design.seed.value_or(fallback_seed);
  std::mt19937_64 generator(plan.seed);
  std::vector<std::size_t> order(scenario.cells.size());
  for (int block = 0; block < scenario.design.blocks; ++block) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t left = order.size(); left > 1; --left) {
      std::swap(order[left - 1], order[below(generator, left)]);
    }
    for (std::size_t position = 0; position < order.size(); ++position) {
      plan.trials.push_back({block, static_cast<int>(position), order[position]});
    }
  }
  return plan;
}

base::Duration estimate(const scenario::Cell& cell) {
  return kStartAndStop + cell.load.warmup + cell.load.measure;
}

base::Duration estimate(const scenario::Scenario& scenario, const Plan& plan, std::size_t first) {
  base::Duration total{};
  for (std::size_t i = first; i < plan.trials.size(); ++i) {
    total += estimate(scenario.cells[plan.trials[i].cell]);
  }
  return total;
}

}  // namespace poolbench::run
