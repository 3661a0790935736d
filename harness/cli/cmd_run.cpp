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
#include "run/plan.h"
#include "run/runner.h"

namespace poolbench::cli {
namespace {

struct RunOptions {
  ScenarioOptions scenario;
  std::string results = "results/runs";
  bool strict = false;
  bool verbose = false;
};

void announce(const scenario::Scenario& scenario, std::uint64_t seed) {
  const auto& design = scenario.design;
  const auto time = run::estimate(scenario);
  const auto blocks = [](int number) { return fmt::format("{} block{}", number, number == 1 ? "" : "s"); };
  std::string text = fmt::format(
      "{}: {} cells × {} = {} trials, about {}", scenario.name, scenario.cells.size(),
      blocks(design.blocks), static_cast<std::size_t>(design.blocks) * scenario.cells.size(),
      base::approximate_duration(time.least));
  if (design.precision) {
    text += fmt::format("; up to {}, about {}, for intervals within ±{:.3g} %",
                        blocks(design.max_blocks), base::approximate_duration(time.most),
                        100 * *design.precision);
  }
  fmt::print(stderr, "poolbench: {}; seed {}\n", text, seed);
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

  const std::uint64_t seed = scenario->design.seed.value_or(std::random_device{}());
  announce(*scenario, seed);
  Progress progress(clock, is_terminal(STDERR_FILENO), options.verbose);
  const auto result = run::run(*scenario, seed, options.results, clock, **supervisor, progress);
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

}  // namespace poolbench::cli
