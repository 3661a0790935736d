#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <random>
#include <set>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/run_scenario.h"
#include "compare/power.h"
#include "console/output.h"
#include "report/metric.h"
#include "run/data_forecast.h"
#include "run/schedule.h"
#include "scenario/postgres_settings.h"
#include "scenario/postgres_wheels.h"
#include "scenario/target/target_params.h"
#include "service/postgres/external.h"
#include "service/postgres/installation.h"
#include "service/running_server.h"

namespace poolbench::cli {
namespace {

struct PlanOptions {
  ScenarioOptions scenario;
  std::string results = "results/runs";
};

void show_cells(const scenario::Scenario& scenario) {
  console::put("{}{}{}\n\n{}:\n", scenario.name, scenario.summary.empty() ? "" : ": ",
               scenario.summary, base::counted(scenario.cells.size(), "cell"));
  for (const scenario::Cell& cell : scenario.cells) {
    const std::string warmup =
        cell.load.warmup_by_pilots ? "by pilots" : base::format_duration(cell.load.warmup);
    const std::string measure = base::format_duration(cell.load.measure);
    console::put(
        "  {:<40} {} connections, warm-up {}, {}\n", cell.id, cell.load.connections, warmup,
        cell.load.requests ? fmt::format("{} requests, at most {}", *cell.load.requests, measure)
                           : "measure " + measure);
  }
}

/// The server of a cell, as far as one can tell without starting it.
std::string server_text(const scenario::PostgresSettings& settings) {
  if (scenario::is_external(settings)) return "the server that $" + settings.dsn_env + " names";
  if (const auto* wheel = scenario::find_postgres_wheel(settings.version)) {
    return fmt::format("PostgreSQL {} of {}", wheel->version, scenario::kPostgresWheels);
  }
  const auto found = service::find_postgres(settings.bin_folder);
  return found ? fmt::format("PostgreSQL in {}", found->string()) : found.error().message;
}

void show_servers(const scenario::Scenario& scenario) {
  std::set<std::string> servers;
  for (const scenario::Cell& cell : scenario.cells) servers.insert(server_text(cell.postgres));
  console::put("  on {}\n", fmt::join(servers, ", and on "));
}

/// Where strings reach the application otherwise than its author may think.
void show_quoted(const scenario::Scenario& scenario) {
  std::set<const scenario::TargetSpec*> seen;
  for (const scenario::Cell& cell : scenario.cells) {
    const scenario::TargetSpec& target = *cell.target.spec;
    const auto quoted = scenario::quoted_in_environment(target);
    if (quoted.empty() || !seen.insert(&target).second) continue;
    console::put(
        "  note: strings of {} reach target {} with their quotes (schema = 1 of its target.toml); "
        "schema = 2 passes them bare\n",
        fmt::join(quoted, ", "), target.name);
  }
}

void show_order(const scenario::Scenario& scenario) {
  const auto& design = scenario.design;
  const std::uint64_t seed = design.seed.value_or(std::random_device{}());
  console::put("\n{}, seed {}{}:\n", base::counted(design.blocks, "block"), seed,
               design.seed ? "" : " (chosen anew for each run)");
  for (int block = 0; block < design.blocks; ++block) {
    console::put("  block {}:", block + 1);
    for (const std::size_t cell : run::block_order(seed, block, scenario.cells.size())) {
      console::put(" {}", cell + 1);
    }
    console::put("\n");
  }
  if (design.slice) {
    console::put("  the cells of a block run at once, and get their load in turns of {}\n",
                 base::format_duration(*design.slice));
  }
  if (design.precision) {
    console::put("  more, two at a time and {} at most, until every interval is within ±{:.3g} %\n",
                 design.max_blocks, 100 * *design.precision);
  }
}

/// What the time says of the data.
void show_data(const std::vector<run::DataForecast>& data) {
  for (const run::DataForecast& each : data) {
    if (each.is_kept) {
      console::put(
          "The data of {} are kept from an earlier run (run --fresh-data makes them anew)\n",
          each.name());
    } else if (each.time) {
      console::put("Making the data of {} is counted with {}, as the last time on this machine\n",
                   each.name(), base::approximate_duration(*each.time));
    } else {
      console::put("Making the data of {} is not counted: how long it takes is not known yet\n",
                   each.name());
    }
  }
}

void show_time(const scenario::Scenario& scenario, const std::vector<run::DataForecast>& data) {
  const auto& design = scenario.design;
  const auto time = run::estimate(scenario, run::time_for(data));
  const auto trials = [&](int blocks) {
    return static_cast<std::size_t>(blocks) * scenario.cells.size();
  };
  console::put("\n{} trials, about {} in all", trials(design.blocks),
               base::approximate_duration(time.least));
  if (design.precision) {
    console::put("; at most {}, about {}", trials(design.max_blocks),
                 base::approximate_duration(time.most));
  }
  console::put(
      "\nWhat the machine disturbs runs again, at most {} times: {} at the longest, if it disturbs "
      "everything (run --max-time bounds it)\n",
      run::kMostAgain, base::approximate_duration(time.longest));
  show_data(data);
}

void show_foresight(const scenario::Scenario& scenario, const std::string& results) {
  const auto all = compare::foresee(scenario, results);
  if (all.empty()) return;
  console::put("\nThe change that {:.0f} of 100 such runs would find, by comparison:\n",
               100 * compare::kForeseenPower);
  for (const compare::Foresight& foresight : all) {
    const std::string change =
        foresight.change ? fmt::format("×{:.3g} or more", 1 + *foresight.change)
                         : fmt::format("none: {} blocks are too few", scenario.design.blocks);
    const std::string source =
        foresight.source.empty() ? "assumed: no earlier run tells" : "as in " + foresight.source;
    console::put("  {}, {} → {}, {}: ", foresight.name, foresight.baseline, foresight.candidate,
                 report::metric_label(foresight.metric, scenario.metrics));
    if (!foresight.too_short.empty()) {
      console::put("none: the trials of the last run were too short, {}\n", foresight.too_short);
    } else {
      console::put("{} (noise of the pairs {:.1f} %, {})\n", change, 100 * foresight.noise, source);
    }
  }
}

int show_plan(const PlanOptions& options) {
  const auto scenario = options.scenario.load();
  if (!scenario) return console::kBadUsage;
  if (const auto known = service::check_addresses(*scenario); !known)
    return console::report_error(known.error());
  if (const auto local = service::check_reach(*scenario); !local)
    return console::report_error(local.error());
  constexpr bool kFreshData = false;
  const auto data = run::foresee_data(*scenario, kFreshData);
  if (!data) return console::report_error(data.error());
  show_cells(*scenario);
  show_servers(*scenario);
  show_quoted(*scenario);
  show_order(*scenario);
  show_time(*scenario, *data);
  show_foresight(*scenario, options.results);
  return console::kDone;
}

}  // namespace

void add_plan_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "plan", "Show cells, order, time and what could be found, without starting anything");
  auto options = std::make_shared<PlanOptions>();
  options->scenario.add_to(*command);
  command->add_option("--out", options->results, "folder of earlier results")
      ->capture_default_str();
  command->footer("Example:\n  poolbench plan scenarios/django-matrix.toml --blocks 3");
  command->callback([options, &exit_code] { exit_code = show_plan(*options); });
}

}  // namespace poolbench::cli
