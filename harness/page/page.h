#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "report/report.h"

namespace poolbench::page {

/// A report, and what a page calls its file: where readers of the page find it.
struct ReportFile {
  report::Report report;
  std::string file;
};

/// The reports as one page of HTML that needs nothing else: style, script and pictures are in it,
/// and it loads nothing. It is complete without the script, and without the style. At least one.
std::string to_html(const std::vector<ReportFile>& reports);

/// Where the page of a report lies: report.html beside report.json.
std::filesystem::path page_beside(const std::filesystem::path& report_file);

}  // namespace poolbench::page
