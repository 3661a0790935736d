#include "cli/run_scenario.h"

#include <fmt/format.h>
#include <unistd.h>

#include <random>

#include "base/units.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "process/run_id.h"
#include "process/supervisor.h"
#include "run/plan.h"

namespace poolbench::cli {
namespace {

std::string blocks(int number) { return fmt::format("{} block{}", number, number == 1 ? "" : "s"); }

void announce(const scenario::Scenario& scenario, std::uint64_t seed) {
  const auto& design = scenario.design;
  const auto time = run::estimate(scenario);
  std::string text = fmt::format("{}: {} cells × {} = {} trials, about {}", scenario.name,
                                 scenario.cells.size(), blocks(design.blocks),
                                 static_cast<std::size_t>(design.blocks) * scenario.cells.size(),
                                 base::approximate_duration(time.least));
  if (design.precision) {
    text += fmt::format("; up to {}, about {}, for intervals within ±{:.3g} %",
                        blocks(design.max_blocks), base::approximate_duration(time.most),
                        100 * *design.precision);
  }
  tell("poolbench: {}; seed {}\n", text, seed);
}

}  // namespace

base::Result<run::RunResult> run_scenario(process::Interrupt& interrupt,
                                          const scenario::Scenario& scenario,
                                          const std::string& results, bool verbose) {
  const base::SystemClock clock;
  auto supervisor = process::Supervisor::create(interrupt, process::make_run_id(clock));
  if (!supervisor) return tl::unexpected(supervisor.error());
  const std::uint64_t seed = scenario.design.seed.value_or(std::random_device{}());
  announce(scenario, seed);
  Progress progress(clock, is_terminal(STDERR_FILENO), verbose);
  return run::run(scenario, seed, results, clock, **supervisor, progress);
}

}  // namespace poolbench::cli
