#include "cli/scenario_options.h"

#include <fmt/format.h>

#include "console/output.h"
#include "load/external/driver.h"
#include "service/prepare.h"

namespace poolbench::cli {

void ScenarioOptions::add_to(CLI::App& command) {
  command.add_option("scenario", file_, "scenario file (TOML)")->required();
  command
      .add_option("--only", overrides_.only,
                  "run only the cells that match, as in --only variant=pool,workers=2 (repeatable)")
      ->take_all()
      ->allow_extra_args(false);
  add_changes_to(command);
}

void ScenarioOptions::add_changes_to(CLI::App& command) {
  command
      .add_option("--set", overrides_.set,
                  "change a setting of the file, as in --set load.connections=20 (repeatable)")
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--blocks", blocks_, "number of blocks (each runs every cell once)");
  command.add_option("--measure", measure_, "length of each measurement, as in 3s");
  command.add_option("--seed", seed_, "seed of the random order of the cells within each block");
}

std::optional<scenario::Scenario> ScenarioOptions::load() const {
  auto scenario = read(file_, overrides_.only);
  if (scenario) return std::move(*scenario);
  console::tell("{}\n", scenario::to_text(scenario.error()));
  console::tell("poolbench: {}; nothing was started\n", scenario::count_text(scenario.error()));
  return std::nullopt;
}

tl::expected<scenario::Scenario, std::vector<scenario::Diagnostic>> ScenarioOptions::read(
    const std::string& file, const std::vector<std::string>& only) const {
  scenario::Overrides overrides = overrides_;
  overrides.only = only;
  if (blocks_) overrides.set.push_back(fmt::format("design.blocks={}", *blocks_));
  if (measure_) overrides.set.push_back("load.measure=" + *measure_);
  if (seed_) overrides.set.push_back(fmt::format("design.seed={}", *seed_));
  return scenario::load_file(file, load::generators(service::tools_folder()), overrides);
}

}  // namespace poolbench::cli
