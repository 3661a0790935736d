#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "console/output.h"
#include "report/text.h"

namespace poolbench::cli {
namespace {

int show(const std::string& file) {
  const auto report = report::read_report(report_file(file));
  if (!report) return console::report_error(report.error());
  console::put("{}", report::to_text(*report, console::text_style(STDOUT_FILENO)));
  return console::kDone;
}

}  // namespace

void add_show_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("show", "Print the summary of a report");
  auto file = std::make_shared<std::string>();
  command->add_option("report", *file, "report.json, or the folder of a run")->required();
  command->footer("Example:\n  poolbench show results/runs/20250708T120000Z-django-pool-1a2b3c4d");
  command->callback([file, &exit_code] { exit_code = show(*file); });
}

}  // namespace poolbench::cli
