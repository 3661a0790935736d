#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/run_scenario.h"
#include "console/output.h"
#include "process/interrupt.h"
#include "report/text.h"

namespace poolbench::cli {
namespace {

struct RunOptions {
  ScenarioOptions scenario;
  RunWords words;
  bool strict = false;
};

/// Every cell has what was asked of it; with less time than that takes, any cell has something.
bool has_measured(const report::Report& report) {
  const auto good = [](const report::CellReport& cell) {
    return cell.status == report::CellStatus::kOk;
  };
  return report.outcome == report::Outcome::kOutOfTime ? std::ranges::any_of(report.cells, good)
                                                       : std::ranges::all_of(report.cells, good);
}

int exit_code_of(const run::RunResult& result, bool strict) {
  const report::Report& report = result.report;
  if (result.failure && result.failure->code == base::ErrorCode::kBadInput)
    return console::kBadUsage;
  const bool failed_cell =
      std::any_of(report.cells.begin(), report.cells.end(),
                  [](const auto& cell) { return cell.status == report::CellStatus::kFailed; });
  if (report.outcome == report::Outcome::kFailed || failed_cell || !has_measured(report))
    return console::kFailure;
  const bool refuted = std::any_of(
      report.hypotheses.begin(), report.hypotheses.end(),
      [](const auto& hypothesis) { return hypothesis.verdict == report::Decision::kRefuted; });
  return strict && refuted ? console::kRegression : console::kDone;
}

int run(const RunOptions& options) {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return console::report_error(interrupt.error());
  const auto scenario = options.scenario.load();
  if (!scenario) return console::kBadUsage;
  const auto result = run_scenario(*interrupt, *scenario, options.words);
  if (!result) {
    if (result.error().code == base::ErrorCode::kInterrupted) interrupt->die_of_it();
    return console::report_error(result.error());
  }
  console::put("{}", report::to_text(result->report, console::text_style(STDOUT_FILENO)));
  console::flush_out();
  console::tell("poolbench: {}: the report is {}\n", report::word_of(result->report.outcome),
                result->file.string());
  if (result->report.outcome == report::Outcome::kInterrupted) interrupt->die_of_it();
  if (result->failure) console::report_error(*result->failure);
  return exit_code_of(*result, options.strict);
}

}  // namespace

void add_run_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("run", "Run a scenario and write its report");
  auto options = std::make_shared<RunOptions>();
  options->scenario.add_to(*command);
  command->add_flag("--strict", options->strict, "exit with 1 when a hypothesis is refuted");
  options->words.add_to(*command);
  command->footer(
      "Example:\n  poolbench run scenarios/django-pool.toml --only variant=pool --only "
      "variant=no-pool --blocks 5 --measure 3s");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace poolbench::cli
