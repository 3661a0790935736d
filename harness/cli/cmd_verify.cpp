#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "cli/commands.h"
#include "compare/verify.h"
#include "console/output.h"

namespace poolbench::cli {
namespace {

int verify_one(const std::string& argument) {
  const auto file = report_file(argument);
  auto text = base::read_file(file);
  if (!text) return console::report_error(text.error());
  auto document = report::parse_document(*text);
  if (!document) {
    document.error().where = file.string();
    return console::report_error(document.error());
  }
  auto report = report::report_from_json(*document);
  if (!report) {
    report.error().where = file.string();
    return console::report_error(report.error());
  }
  const auto findings = compare::verify(*document, *report);
  for (const compare::Finding& finding : findings) {
    console::put("{}: {}: {}\n", file.string(), finding.where, finding.problem);
  }
  if (!findings.empty()) return console::kFailure;
  std::size_t trials = 0;
  for (const report::CellReport& cell : report->cells) trials += cell.trials.size();
  console::put("{}: {} trials of {} cells, {} comparisons and {} hypotheses agree\n", file.string(),
               trials, report->cells.size(), report->comparisons.size(), report->hypotheses.size());
  if (const std::string left = compare::unverified(*report); !left.empty()) {
    console::put("{}: not checked: {}\n", file.string(), left);
  }
  return console::kDone;
}

}  // namespace

void add_verify_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "verify", "Recompute every figure of a report that follows from others of it");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("reports", *files, "report.json, or the folder of a run; several are fine")
      ->required();
  command->footer(
      "Exit: 0 all agree, 2 not a report, 3 something does not agree.\n"
      "Example:\n  poolbench verify results/baselines/django-pool.json");
  command->callback([files, &exit_code] {
    exit_code = console::kDone;
    for (const std::string& file : *files) exit_code = std::max(exit_code, verify_one(file));
  });
}

}  // namespace poolbench::cli
