#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "cli/commands.h"
#include "console/output.h"
#include "page/page.h"
#include "report/format/benchmarks.h"
#include "report/format/forms.h"
#include "report/format/text.h"
#include "report/metric.h"

namespace poolbench::cli {
namespace {

struct ShowArguments {
  std::vector<std::string> files;
  std::string form = "text";
  bool all_metrics = false, cells = false;
  std::vector<std::string> metrics;
};

/// The reports, and what the command line says of them.
struct Shown {
  const ShowArguments& arguments;
  std::vector<report::Report> reports;

  [[nodiscard]] bool is_one() const { return reports.size() == 1; }
  /// Those that were named, or what a reader looks for first.
  [[nodiscard]] std::vector<std::string> metrics() const {
    if (!arguments.metrics.empty()) return arguments.metrics;
    return {"throughput_requests_per_second", "latency_p50_us", "sessions_per_request"};
  }
};

using Text = base::Result<std::string>;

Text text(const Shown& shown) {
  report::TextStyle style = console::text_style(STDOUT_FILENO);
  style.all_metrics = shown.arguments.all_metrics;
  if (shown.is_one()) return report::to_text(shown.reports.front(), style);
  const auto beside = report::side_by_side(shown.reports, shown.metrics());
  if (!beside) return tl::unexpected(beside.error());
  return report::to_text(*beside, style.colour);
}

Text markdown(const Shown& shown) {
  if (shown.is_one()) return report::to_markdown(shown.reports.front());
  const auto beside = report::side_by_side(shown.reports, shown.metrics());
  if (!beside) return tl::unexpected(beside.error());
  return report::to_markdown(*beside);
}

Text csv(const Shown& shown) {
  return shown.arguments.cells ? report::cells_csv(shown.reports)
                               : report::trials_csv(shown.reports);
}

/// As the files have it: nothing that this version does not know is lost, and no hash is made anew.
Text json(const Shown& shown) {
  const auto& files = shown.arguments.files;
  if (shown.is_one()) return base::read_file(report_file(files.front()));
  base::Json all = base::Json::array();
  for (const std::string& file : files) {
    const auto text = base::read_file(report_file(file));
    if (!text) return tl::unexpected(text.error());
    auto document = report::parse_document(*text);
    if (!document) return tl::unexpected(document.error());
    all.push_back(*std::move(document));
  }
  return base::json_dump(all, 1) + "\n";
}

Text html(const Shown& shown) {
  std::vector<page::ReportFile> files;
  for (std::size_t i = 0; i < shown.reports.size(); ++i) {
    files.push_back({shown.reports[i], report_file(shown.arguments.files[i]).string()});
  }
  return page::to_html(files);
}

/// What such services take holds the cells of one report.
base::Result<std::vector<report::BenchmarkFigure>> figures_of_one(
    const Shown& shown, const std::vector<std::string>& metrics) {
  if (!shown.is_one()) {
    return base::bad_input(fmt::format("--format {} takes one report, and {} are named",
                                       shown.arguments.form, shown.reports.size()),
                           {}, "cells of several runs have the same names: make a file of each");
  }
  return report::benchmark_figures(shown.reports.front(), metrics);
}

Text bencher(const Shown& shown) {
  const auto figures = figures_of_one(shown, shown.metrics());
  if (!figures) return tl::unexpected(figures.error());
  return base::json_dump(report::to_bencher(*figures), 2) + "\n";
}

Text github_action_benchmark(const Shown& shown) {
  const auto& named = shown.arguments.metrics;
  const auto figures = figures_of_one(
      shown, named.empty() ? std::vector{std::string(report::metrics().front().name)} : named);
  if (!figures) return tl::unexpected(figures.error());
  const auto made = report::to_github_action_benchmark(*figures);
  if (!made) return tl::unexpected(made.error());
  return base::json_dump(*made, 2) + "\n";
}

/// One more is a row more, and a function.
struct Form {
  const char* name;
  Text (*make)(const Shown&);
};
constexpr std::array kForms{Form{"text", text},
                            Form{"markdown", markdown},
                            Form{"csv", csv},
                            Form{"json", json},
                            Form{"html", html},
                            Form{"bencher", bencher},
                            Form{"github-action-benchmark", github_action_benchmark}};

std::vector<std::string> form_names() {
  std::vector<std::string> names;
  for (const Form& form : kForms) names.emplace_back(form.name);
  return names;
}

int show(const ShowArguments& arguments) {
  if (arguments.cells && arguments.form != "csv") {
    return console::report_error({base::ErrorCode::kBadInput,
                                  "--cells is for --format csv",
                                  {},
                                  "the other forms are of cells anyhow; leave it out"});
  }
  Shown shown{arguments, {}};
  for (const std::string& file : arguments.files) {
    auto report = report::read_report(report_file(file));
    if (!report) return console::report_error(report.error());
    shown.reports.push_back(*std::move(report));
  }
  const auto* const form =
      std::ranges::find(kForms, std::string_view(arguments.form),
                        [](const Form& each) { return std::string_view(each.name); });
  const auto made = form->make(shown);
  if (!made) return console::report_error(made.error());
  console::put("{}", *made);
  return console::kDone;
}

}  // namespace

void add_show_command(CLI::App& app, int& exit_code) {
  auto* command =
      app.add_subcommand("show", "Print the summary of a report, or reports in another form");
  auto arguments = std::make_shared<ShowArguments>();
  command
      ->add_option("reports", arguments->files,
                   "report.json, or the folder of a run; several are shown side by side")
      ->required();
  command
      ->add_option("--format", arguments->form,
                   "Form of what is printed; csv has a row a trial; bencher and "
                   "github-action-benchmark are what these take of one report")
      ->check(CLI::IsMember(form_names()));
  command->add_flag("--cells", arguments->cells, "With --format csv: a row a cell");
  command->add_flag("--metrics", arguments->all_metrics,
                    "In the text of one report: every metric of each cell, with its interval");
  command
      ->add_option("--metric", arguments->metrics,
                   "Metric of several reports side by side, for bencher or for "
                   "github-action-benchmark; may be repeated")
      ->allow_extra_args(false);
  command->footer(
      "Examples:\n  poolbench show results/runs/20250708T120000Z-django-pool-1a2b3c4d\n"
      "  poolbench show results/runs/*/report.json --format csv --cells > cells.csv\n"
      "  poolbench show results/baselines/django-pool.json --format markdown");
  command->callback([arguments, &exit_code] { exit_code = show(*arguments); });
}

}  // namespace poolbench::cli
