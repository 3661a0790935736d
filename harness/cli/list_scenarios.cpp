#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/lists.h"
#include "console/output.h"
#include "load/external/driver.h"
#include "run/data_forecast.h"
#include "run/schedule.h"
#include "scenario/scenario.h"
#include "service/prepare.h"

namespace poolbench::cli {
namespace fs = std::filesystem;
namespace {

constexpr const char* kFolder = "scenarios";

/// The scenario files right in a folder, by name; or the one that is named.
std::vector<fs::path> scenario_files(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored)) return {path};
  std::vector<fs::path> files;
  for (const fs::path& entry : base::entries_of(path).value_or(std::vector<fs::path>{})) {
    if (entry.extension() == ".toml" && fs::is_regular_file(entry, ignored)) files.push_back(entry);
  }
  return files;
}

base::Duration time_of(const scenario::Scenario& scenario) {
  constexpr bool kFreshData = false;
  const auto data = run::foresee_data(scenario, kFreshData);
  return run::estimate(scenario, data ? run::time_for(*data) : base::Duration{}).least;
}

/// Returns how long it runs; nothing, with its mistakes on stderr, if it cannot run.
std::optional<base::Duration> print_scenario(const fs::path& file,
                                             const scenario::Generators& generators) {
  const auto read = [&](bool quick) {
    return scenario::load_file(file, generators, {.set = {}, .only = {}, .quick = quick});
  };
  const auto scenario = read(false), quick = read(true);
  if (!scenario) {
    console::tell("{}\n", scenario::to_text(scenario.error()));
    return std::nullopt;
  }
  const base::Duration time = time_of(*scenario);
  console::put("{}\n", file.string());
  if (!scenario->summary.empty()) console::put("  {}\n", scenario->summary);
  console::put("  {} × {}, about {}{}\n", base::counted(scenario->cells.size(), "cell"),
               base::counted(scenario->design.blocks, "block"), base::approximate_duration(time),
               quick ? ", with --quick " + base::approximate_duration(time_of(*quick)) : "");
  for (const scenario::SkippedCell& cell : scenario->skipped_cells) {
    console::put("  without {}: {}\n", cell.id, cell.why);
  }
  return time;
}

int list_scenarios(const std::string& path) {
  const std::vector<fs::path> files = scenario_files(path);
  if (files.empty()) {
    return console::report_error({base::ErrorCode::kBadInput, "there is no scenario here", path,
                                  "name a scenario file, or a folder of them"});
  }
  const auto generators = load::generators(service::tools_folder());
  base::Duration all{};
  std::size_t good = 0;
  for (const fs::path& file : files) {
    const auto time = print_scenario(file, generators);
    if (!time) continue;
    all += *time;
    ++good;
  }
  console::put("{}, about {} in all\n", base::counted(good, "scenario"),
               base::approximate_duration(all));
  return good == files.size() ? console::kDone : console::kBadUsage;
}

}  // namespace

void add_list_scenarios(CLI::App& list, int& exit_code) {
  auto* command =
      list.add_subcommand("scenarios", "Scenarios: what each asks, and how long it runs");
  auto path = std::make_shared<std::string>(kFolder);
  command->add_option("path", *path, "a folder of scenario files, or one of them")
      ->capture_default_str();
  command->footer("Example:\n  poolbench list scenarios");
  command->callback([path, &exit_code] { exit_code = list_scenarios(*path); });
}

}  // namespace poolbench::cli
