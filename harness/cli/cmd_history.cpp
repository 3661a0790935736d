#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>

#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "compare/format/render.h"
#include "compare/history.h"
#include "compare/selection.h"
#include "console/output.h"

namespace poolbench::cli {
namespace {

struct HistoryArguments {
  std::string folder = "results/runs", acknowledged;
  std::vector<std::string> metrics = {"throughput_requests_per_second"};
  bool json = false;
};

/// A folder's reports: report.json of each run in it, and what else ends in .json.
base::Result<std::vector<std::filesystem::path>> reports_in(const std::filesystem::path& folder) {
  auto entries = base::entries_of(folder);
  if (!entries) {
    entries.error().next = "name the folder of the runs";
    return entries;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : *entries) {
    std::error_code ignored;
    auto file = report_file(entry);
    if (file.extension() == ".json" && std::filesystem::is_regular_file(file, ignored)) {
      files.push_back(std::move(file));
    }
  }
  return files;
}

struct Runs {
  std::vector<compare::HistoryLine> lines;
  report::DeclaredMetrics declared;  ///< of all their reports
};

/// What is no report is named and left out: one broken file must not hide all others.
Runs runs_of(const std::vector<std::filesystem::path>& files) {
  Runs runs;
  for (const auto& file : files) {
    const auto report = report::read_report(file);
    if (!report) {
      console::tell("poolbench: left out: {}\n", base::to_text(report.error()));
      continue;
    }
    std::ranges::move(compare::history_lines(*report), std::back_inserter(runs.lines));
    std::ranges::copy(report->metrics, std::back_inserter(runs.declared));
  }
  return runs;
}

/// The first word of each line is the id of a report; the rest says why.
base::Result<std::set<std::string>> read_acknowledged(const std::string& file) {
  std::set<std::string> ids;
  if (file.empty()) return ids;
  const auto text = base::read_file(file);
  if (!text) return tl::unexpected(text.error());
  std::istringstream lines(*text);
  for (std::string line, id; std::getline(lines, line);) {
    if (std::istringstream(line) >> id) ids.insert(id);
  }
  return ids;
}

int show_history(const HistoryArguments& arguments) {
  const auto files = reports_in(arguments.folder);
  if (!files) return console::report_error(files.error());
  const auto acknowledged = read_acknowledged(arguments.acknowledged);
  if (!acknowledged) return console::report_error(acknowledged.error());
  const auto [lines, declared] = runs_of(*files);
  const auto known = compare::check_metrics(arguments.metrics, declared);
  if (!known) return console::report_error(known.error());
  const auto written = base::write_file_atomically(
      std::filesystem::path(arguments.folder) / "history.jsonl", compare::history_text(lines));
  if (!written) return console::report_error(written.error());
  const auto trends = compare::trends(lines, arguments.metrics, *acknowledged);
  console::put("{}", arguments.json ? base::json_dump(compare::to_json(trends), 2) + "\n"
                                    : compare::to_text(trends, console::text_style(STDOUT_FILENO)));
  return console::kDone;
}

}  // namespace

void add_history_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand(
      "history", "Rebuild history.jsonl from a folder of runs and show how cells changed");
  auto arguments = std::make_shared<HistoryArguments>();
  command->add_option("folder", arguments->folder, "Folder of runs; results/runs unless named");
  command
      ->add_option("--metric", arguments->metrics,
                   "Metric to show; may be repeated; requests/s unless named")
      ->allow_extra_args(false);
  command->add_option("--acknowledged", arguments->acknowledged,
                      "File with the report ids whose changes are known, one a line");
  command->add_flag("--json", arguments->json, "Every run and change as JSON");
  command->footer(
      "Later `poolbench diff` takes from history.jsonl how far runs differ by themselves.\n"
      "Exit: 0 shown, 2 bad usage or input.\n"
      "Example:\n  poolbench history results/runs --metric latency_p50_us");
  command->callback([arguments, &exit_code] { exit_code = show_history(*arguments); });
}

}  // namespace poolbench::cli
