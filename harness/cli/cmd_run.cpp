#include "cli/cmd_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <random>

#include "base/units.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/scenario_options.h"
#include "cli/terminal.h"
#include "process/interrupt.h"
#include "process/run_id.h"
#include "report/text.h"
#include "run/runner.h"

namespace poolbench::cli {
namespace {

struct RunOptions {
  ScenarioOptions scenario;
  std::string results = "results/runs";
  bool strict = false;
  bool verbose = false;
};

std::uint64_t random_seed() { return std::random_device{}(); }

void announce(const scenario::Scenario& scenario, const run::Plan& plan) {
  fmt::print(stderr, "poolbench: {}: {} cells × {} blocks = {} trials, about {}; seed {}\n",
             scenario.name, scenario.cells.size(), scenario.design.blocks, plan.trials.size(),
             base::approximate_duration(run::estimate(scenario, plan)), plan.seed);
}

int exit_code_of(const run::RunResult& result, bool strict) {
  const report::Report& report = result.report;
  if (result.failure && result.failure->code == base::ErrorCode::kBadInput) return kBadUsage;
  const bool failed_cell = std::any_of(report.cells.begin(), report.cells.end(),
                                       [](const auto& cell) { return cell.status == "failed"; });
  if (report.outcome == "failed" || failed_cell) return kFailure;
  const bool refuted =
      std::any_of(report.hypotheses.begin(), report.hypotheses.end(),
                  [](const auto& hypothesis) { return hypothesis.verdict == "refuted"; });
  return strict && refuted ? kRegression : kDone;
}

int run_scenario(const RunOptions& options) {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return report_error(interrupt.error());
  const auto scenario = options.scenario.load();
  if (!scenario) return kBadUsage;
  const base::SystemClock clock;
  auto supervisor = process::Supervisor::create(*interrupt, process::make_run_id(clock));
  if (!supervisor) return report_error(supervisor.error());

  const run::Plan plan = run::make_plan(*scenario, random_seed());
  announce(*scenario, plan);
  Progress progress(*scenario, plan, clock, is_terminal(STDERR_FILENO), options.verbose);
  const auto result = run::run(*scenario, plan, options.results, clock, **supervisor, progress);
  if (!result) {
    if (result.error().code == base::ErrorCode::kInterrupted) interrupt->die_of_it();
    return report_error(result.error());
  }
  fmt::print("{}", report::to_text(result->report, text_style(STDOUT_FILENO)));
  std::fflush(stdout);
  fmt::print(stderr, "poolbench: {}: the report is {}\n", result->report.outcome,
             result->file.string());
  if (result->report.outcome == "interrupted") interrupt->die_of_it();
  return exit_code_of(*result, options.strict);
}

int show_plan(const ScenarioOptions& options) {
  const auto scenario = options.load();
  if (!scenario) return kBadUsage;
  const run::Plan plan = run::make_plan(*scenario, random_seed());
  fmt::print("{}: {}\n\n{} cells:\n", scenario->name, scenario->summary, scenario->cells.size());
  for (const scenario::Cell& cell : scenario->cells) {
    fmt::print("  {:<40} {} connections, warm-up {}, measure {}\n", cell.id, cell.load.connections,
               base::format_duration(cell.load.warmup), base::format_duration(cell.load.measure));
  }
  fmt::print("\n{} blocks, seed {}{}:\n", scenario->design.blocks, plan.seed,
             scenario->design.seed ? "" : " (chosen anew for each run)");
  for (const run::PlannedTrial& trial : plan.trials) {
    if (trial.position == 0) fmt::print("  block {}:", trial.block + 1);
    fmt::print(" {}", trial.cell + 1);
    if (trial.position + 1 == std::ssize(scenario->cells)) fmt::print("\n");
  }
  fmt::print("\n{} trials, about {} in all\n", plan.trials.size(),
             base::approximate_duration(run::estimate(*scenario, plan)));
  return kDone;
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("run", "Run a scenario and write its report");
  auto options = std::make_shared<RunOptions>();
  options->scenario.add_to(*command);
  command->add_option("--out", options->results, "folder for the results")->capture_default_str();
  command->add_flag("--strict", options->strict, "exit with 1 when a hypothesis is refuted");
  command->add_flag("--verbose", options->verbose, "print a line for each phase of a trial");
  command->footer(
      "Example:\n  poolbench run scenarios/django-pool.toml --only variant=pool --only "
      "variant=no-pool --blocks 5 --measure 3s");
  command->callback([options, &exit_code] { exit_code = run_scenario(*options); });
}

void add_plan_command(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("plan", "Show cells, order and time without starting anything");
  auto options = std::make_shared<ScenarioOptions>();
  options->add_to(*command);
  command->footer("Example:\n  poolbench plan scenarios/django-matrix.toml --blocks 3");
  command->callback([options, &exit_code] { exit_code = show_plan(*options); });
}

}  // namespace poolbench::cli
