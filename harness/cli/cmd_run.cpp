#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/run_scenario.h"
#include "console/output.h"
#include "process/interrupt.h"
#include "report/format/text.h"
#include "run/check.h"

namespace poolbench::cli {
namespace {

struct RunOptions {
  ScenarioOptions scenario;
  RunWords words;
  bool strict = false;
  bool check = false;
};

/// Whether a hypothesis claimed that the cell fails as it did.
bool failed_as_claimed(const report::Report& report, const report::CellReport& cell) {
  return std::ranges::any_of(report.hypotheses, [&](const auto& hypothesis) {
    const auto& evidence = hypothesis.evidence;
    return !evidence.fails_with.empty() &&
           std::ranges::any_of(evidence.cells, [&](const report::CellEvidence& found) {
             return found.cell == cell.id && found.verdict == report::Decision::kConfirmed;
           });
  });
}

/// Every cell has what was asked of it; with less time than that takes, any cell has something.
bool has_measured(const report::Report& report) {
  const auto good = [&](const report::CellReport& cell) {
    return cell.status == report::CellStatus::kOk || failed_as_claimed(report, cell);
  };
  return report.outcome == report::Outcome::kOutOfTime ? std::ranges::any_of(report.cells, good)
                                                       : std::ranges::all_of(report.cells, good);
}

int exit_code_of(const run::RunResult& result, bool strict) {
  const report::Report& report = result.report;
  if (result.failure && result.failure->code == base::ErrorCode::kBadInput)
    return console::kBadUsage;
  const bool failed_cell = std::ranges::any_of(report.cells, [&](const auto& cell) {
    return cell.status == report::CellStatus::kFailed && !failed_as_claimed(report, cell);
  });
  if (report.outcome == report::Outcome::kFailed || failed_cell || !has_measured(report))
    return console::kFailure;
  const bool refuted = std::any_of(
      report.hypotheses.begin(), report.hypotheses.end(),
      [](const auto& hypothesis) { return hypothesis.verdict == report::Decision::kRefuted; });
  return strict && refuted ? console::kRegression : console::kDone;
}

/// "200, 14 bytes: hello".
std::string answer_text(const run::VerifiedAnswer& answer) {
  constexpr std::size_t kShownBytes = 40;
  std::string text = fmt::format("{}, {} bytes", answer.status, answer.body.size());
  const std::string start = base::first_line(answer.body);
  if (start.empty()) return text;
  std::size_t end = std::min(start.size(), kShownBytes);
  while (end < start.size() && base::continues_character(start[end])) ++end;
  return text + ": " + start.substr(0, end) + (end == start.size() ? "" : "…");
}

std::string workers_text(const report::Readiness& ready) {
  if (ready.by == report::ReadyBy::kSettle) return "workers not told apart (ready.settle)";
  if (!ready.workers) return "workers not told apart (no ready.worker_param)";
  return fmt::format("{} {}", base::counted(*ready.workers, "worker"),
                     ready.by == report::ReadyBy::kHeader ? "answered" : "held connections");
}

/// The only answer; or, of a mix, a line for each endpoint.
std::string answers_text(const std::vector<run::VerifiedAnswer>& answers) {
  if (answers.size() == 1) return "  " + answer_text(answers.front());
  std::size_t name_width = 0, request_width = 0;
  for (const run::VerifiedAnswer& answer : answers) {
    name_width = std::max(name_width, answer.endpoint.size());
    request_width = std::max(request_width, answer.request.size());
  }
  std::string lines;
  for (const run::VerifiedAnswer& answer : answers) {
    lines += fmt::format("\n          {:<{}}  {:<{}}  {}", answer.endpoint, name_width,
                         answer.request, request_width, answer_text(answer));
  }
  return lines;
}

void show(const run::CheckResult& result) {
  std::size_t width = 0;
  for (const auto& cell : result.cells) width = std::max(width, cell.cell.size());
  for (const run::CheckedCell& cell : result.cells) {
    if (cell.verified) {
      console::put("ok      {:<{}}  ready in {:.1f} s  {}{}\n", cell.cell, width,
                   cell.verified->ready_seconds, workers_text(cell.ready),
                   answers_text(cell.verified->answers));
    } else {
      console::put("failed  {:<{}}  {}\n", cell.cell, width, cell.failure);
    }
    for (const std::string& warning : cell.warnings) console::tell("poolbench: {}\n", warning);
  }
  for (const std::string& warning : result.warnings) console::tell("poolbench: {}\n", warning);
}

int check(process::Interrupt& interrupt, const scenario::Scenario& scenario,
          const RunWords& words) {
  const auto result = check_scenario(interrupt, scenario, words);
  if (!result) {
    if (result.error().code == base::ErrorCode::kInterrupted) interrupt.die_of_it();
    return console::report_error(result.error());
  }
  show(*result);
  const auto good = std::ranges::count_if(
      result->cells, [](const auto& cell) { return cell.verified.has_value(); });
  console::put("{} of {} cells answer as they must{}\n", good, result->cells.size(),
               result->postgres.empty() ? "" : ", on " + result->postgres);
  return good == std::ssize(result->cells) ? console::kDone : console::kFailure;
}

int run(const RunOptions& options) {
  auto interrupt = process::Interrupt::install();
  if (!interrupt) return console::report_error(interrupt.error());
  const auto scenario = options.scenario.load();
  if (!scenario) return console::kBadUsage;
  if (options.check) return check(*interrupt, *scenario, options.words);
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
  auto* strict =
      command->add_flag("--strict", options->strict, "exit with 1 when a hypothesis is refuted");
  options->words.add_to(*command);
  command
      ->add_flag("--check", options->check,
                 "start every cell once and verify its answer: no load, no report")
      ->excludes(strict, command->get_option("--out"), command->get_option("--max-time"));
  command->footer(
      "Examples:\n  poolbench run scenarios/django-pool.toml --check\n"
      "  poolbench run scenarios/django-pool.toml --only variant=pool --only variant=no-pool "
      "--blocks 5 --measure 3s");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}

}  // namespace poolbench::cli
