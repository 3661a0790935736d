#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "base/file.h"
#include "cli/commands.h"
#include "console/output.h"
#include "page/page.h"

namespace poolbench::cli {
namespace {

/// As a reader of the page finds the report: relative to the page where that is known.
std::string link_to(const std::filesystem::path& report, const std::filesystem::path& page) {
  if (page.empty()) return report.string();
  std::error_code ignored;
  const auto relative = std::filesystem::proximate(report, page.parent_path(), ignored);
  return relative.empty() ? report.string() : relative.string();
}

int html(const std::vector<std::string>& names, const std::string& out) {
  constexpr const char* kStdout = "-";
  if (names.size() > 1 && out.empty()) {
    return console::report_error({base::ErrorCode::kBadInput,
                                  "a page of several reports needs a place", "poolbench html",
                                  "name it: -o FILE, or -o - for the standard output"});
  }
  std::filesystem::path page = out.empty()      ? page::page_beside(report_file(names.front()))
                               : out == kStdout ? std::filesystem::path()
                                                : std::filesystem::path(out);
  std::vector<page::ReportFile> reports;
  for (const std::string& name : names) {
    const auto file = report_file(name);
    auto report = report::read_report(file);
    if (!report) return console::report_error(report.error());
    std::error_code ignored;
    reports.push_back(
        {std::move(*report), link_to(file, std::filesystem::absolute(page, ignored))});
  }
  const std::string text = page::to_html(reports);
  if (page.empty()) {
    console::put("{}", text);
    return console::kDone;
  }
  const auto written = base::write_file_atomically(page, text);
  if (!written) return console::report_error(written.error());
  console::tell("poolbench: the page is {}\n", page.string());
  return console::kDone;
}

}  // namespace

void add_html_command(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("html", "Write a page of one or more reports");
  auto names = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>();
  command->add_option("reports", *names, "report.json files, or the folders of runs")->required();
  command->add_option("-o,--output", *out,
                      "the page's file, or - for the standard output; of one report: report.html "
                      "beside it");
  command->footer(
      "Examples:\n  poolbench html results/runs/20250708T120000Z-django-pool-1a2b3c4d\n"
      "  poolbench html results/runs/* -o all.html");
  command->callback([names, out, &exit_code] { exit_code = html(*names, *out); });
}

}  // namespace poolbench::cli
