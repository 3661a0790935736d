#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "console/output.h"
#include "report/text.h"

namespace poolbench::cli {
namespace {

int show(const std::string& file, bool all_metrics) {
  const auto report = report::read_report(report_file(file));
  if (!report) return console::report_error(report.error());
  report::TextStyle style = console::text_style(STDOUT_FILENO);
  style.all_metrics = all_metrics;
  console::put("{}", report::to_text(*report, style));
  return console::kDone;
}

}  // namespace

void add_show_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("show", "Print the summary of a report");
  auto file = std::make_shared<std::string>();
  command->add_option("report", *file, "report.json, or the folder of a run")->required();
  auto all_metrics = std::make_shared<bool>(false);
  command->add_flag("--metrics", *all_metrics, "Every metric of each cell, with its interval");
  command->footer("Example:\n  poolbench show results/runs/20250708T120000Z-django-pool-1a2b3c4d");
  command->callback([file, all_metrics, &exit_code] { exit_code = show(*file, *all_metrics); });
}

}  // namespace poolbench::cli
